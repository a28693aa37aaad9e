"""Streams by path: publishers, current values, subscriptions that also catch later paths."""

import pytest

from argus.agora.agora import Agora, News
from argus.agora.path import Path
from argus.errors import PathError
from tests.agora.facts import ids, trade

BTC, ETH = Path("venue", "trade", "BTC"), Path("venue", "trade", "ETH")
TEMPORARY = Path("venue", "trade", "BTC", 7)


def agora_of(capacity: int = 8) -> Agora:
    return Agora({"": capacity, "bbo": 4 * capacity})


def read(subscription) -> list[tuple[str, int, list[int]]]:
    return [(str(n.path), n.missed, ids(n.facts)) for n in subscription.poll()]


def test_path_is_taken_once():
    agora = agora_of()
    agora.create(BTC)
    with pytest.raises(PathError, match="venue/trade/BTC"):
        agora.create(BTC)


def test_publisher_of_a_taken_path_is_the_one_that_took_it():
    agora = agora_of()
    publisher = agora.publisher(BTC)
    assert agora.publisher(BTC) is publisher
    assert agora.paths() == [BTC]


def test_capacity_goes_by_data_type():
    agora = agora_of()
    assert agora.create(BTC).ring.capacity == 8
    assert agora.create(Path("venue", "bbo", "BTC")).ring.capacity == 32


def test_current_value_is_the_initial_one_until_the_first_fact():
    agora = agora_of()
    publisher = agora.create(BTC, trade(1))
    assert agora.current(BTC) == trade(1) == publisher.current
    publisher.publish(trade(2))
    assert agora.current(BTC) == trade(2)


def test_current_value_of_a_free_path_is_an_error():
    with pytest.raises(PathError, match="venue/trade/BTC is not published"):
        agora_of().current(BTC)


def test_initial_value_is_no_news():
    agora = agora_of()
    subscription = agora.subscribe("**")
    agora.create(BTC, trade(1))
    assert read(subscription) == []


def test_subscription_catches_paths_that_are_created_later():
    agora = agora_of()
    agora.create(BTC)
    subscription = agora.subscribe("venue/trade/*")
    agora.publisher(BTC).publish(trade(1))
    agora.publisher(ETH).publish(trade(2))
    agora.publisher(Path("venue", "bbo", "BTC")).publish(trade(3))
    agora.publisher(TEMPORARY).publish(trade(4))
    assert subscription.lag == 2
    assert read(subscription) == [("venue/trade/BTC", 0, [1]), ("venue/trade/ETH", 0, [2])]
    assert (subscription.lag, read(subscription)) == (0, [])


def test_subscription_begins_with_the_next_fact():
    agora = agora_of()
    agora.publisher(BTC).publish(trade(1))
    subscription = agora.subscribe("**")
    agora.publisher(BTC).publish(trade(2))
    assert read(subscription) == [("venue/trade/BTC", 0, [2])]


def test_subscription_that_is_overrun_is_told_so_and_others_are_not():
    agora = agora_of(4)
    slow, quick = agora.subscribe("**"), agora.subscribe("**")
    publisher = agora.publisher(BTC)
    for trade_id in range(1, 4):
        publisher.publish(trade(trade_id))
    assert read(quick) == [("venue/trade/BTC", 0, [1, 2, 3])]
    for trade_id in range(4, 7):
        publisher.publish(trade(trade_id))
    assert slow.lag == 6
    assert read(slow) == [("venue/trade/BTC", 2, [3, 4, 5, 6])]
    assert read(quick) == [("venue/trade/BTC", 0, [4, 5, 6])]


def test_taking_subscription_is_pressed_by_a_burst_and_never_overrun():
    agora = agora_of(8)
    taken: list[News] = []
    subscription = agora.subscribe("**", taken.append)
    publisher = agora.publisher(BTC)
    for trade_id in range(101):
        publisher.publish(trade(trade_id))
    taken += subscription.poll()
    assert [news.missed for news in taken] == [0] * 51
    assert [i for news in taken for i in ids(news.facts)] == list(range(101))


def test_retired_path_still_gives_what_it_had_published():
    agora = agora_of()
    subscription = agora.subscribe("**")
    agora.publisher(BTC).publish(trade(1))
    agora.remove(BTC)
    assert read(subscription) == [("venue/trade/BTC", 0, [1])]
    assert (read(subscription), agora.paths()) == ([], [])


def test_path_may_be_taken_again_and_what_is_old_comes_first():
    agora = agora_of()
    subscription = agora.subscribe("**")
    agora.publisher(BTC).publish(trade(1))
    agora.remove(BTC)
    agora.publisher(BTC).publish(trade(2))
    assert read(subscription) == [("venue/trade/BTC", 0, [1]), ("venue/trade/BTC", 0, [2])]


def test_what_a_retired_path_still_has_to_give_counts_as_lag():
    agora = agora_of()
    subscription = agora.subscribe("**")
    agora.publisher(BTC).publish(trade(1))
    agora.remove(BTC)
    assert subscription.lag == 1


def test_removal_of_a_free_path_is_an_error():
    with pytest.raises(PathError, match="venue/trade/BTC is not published"):
        agora_of().remove(BTC)


def test_subscription_that_has_ended_gets_nothing_more():
    agora = agora_of(4)
    taken: list[News] = []
    subscription = agora.subscribe("**", taken.append)
    agora.publisher(BTC)
    agora.unsubscribe(subscription)
    for trade_id in range(10):
        agora.publisher(BTC).publish(trade(trade_id))
    agora.publisher(ETH).publish(trade(1))
    assert (taken, read(subscription)) == ([], [])


def test_ended_subscription_gives_no_more_of_what_it_has_not_read():
    agora = agora_of()
    subscription = agora.subscribe("**")
    agora.publisher(BTC).publish(trade(1))
    agora.unsubscribe(subscription)
    assert read(subscription) == []


def test_relayed_path_that_nobody_reads_skips_its_ring():
    agora = agora_of()
    relayed: list = []
    publisher = agora.create(TEMPORARY)
    publisher.relay(relayed.append)
    publisher.publish(trade(1))
    assert (relayed, publisher.ring.head) == ([trade(1)], 0)


@pytest.mark.parametrize("is_relayed_first", [True, False])
def test_relayed_path_that_is_read_goes_both_ways(is_relayed_first):
    agora = agora_of()
    relayed: list = []
    publisher = agora.create(TEMPORARY)
    if is_relayed_first:
        publisher.relay(relayed.append)
    subscription = agora.subscribe("tmp/**")
    if not is_relayed_first:
        publisher.relay(relayed.append)
    publisher.publish(trade(1))
    assert relayed == [trade(1)]
    assert read(subscription) == [("tmp/7/venue/trade/BTC", 0, [1])]
    publisher.relay(None)
    publisher.publish(trade(2))
    assert relayed == [trade(1)]
    assert read(subscription) == [("tmp/7/venue/trade/BTC", 0, [2])]


def test_tree_is_drawn_and_paths_are_listed_in_its_order():
    agora = agora_of()
    for path in (ETH, TEMPORARY, BTC):
        agora.create(path)
    assert agora.paths() == [TEMPORARY, BTC, ETH]
    assert agora.display().splitlines() == [
        "agora",
        "├── tmp",
        "│   └── 7",
        "│       └── venue",
        "│           └── trade",
        "│               └── BTC",
        "└── venue",
        "    └── trade",
        "        ├── BTC",
        "        └── ETH",
    ]


def test_reader_of_one_path_hears_it_whenever_it_is_created():
    agora = agora_of()
    early = agora.subscribe("venue/trade/BTC")
    agora.create(ETH).publish(trade(1))
    publisher = agora.create(BTC)
    late = agora.subscribe("venue/trade/BTC")
    publisher.publish(trade(2))
    assert read(early) == read(late) == [("venue/trade/BTC", 0, [2])]
    assert early.paths == late.paths == [BTC]
    publisher.publish(trade(3))
    agora.remove(BTC)
    agora.create(BTC).publish(trade(4))
    agora.unsubscribe(late)
    agora.unsubscribe(agora.subscribe("venue/trade/BTC"))
    assert read(early) == [("venue/trade/BTC", 0, [3]), ("venue/trade/BTC", 0, [4])]
    agora.unsubscribe(early)
    agora.remove(BTC)
    assert early.paths == []


def test_reader_of_one_path_has_to_name_one():
    with pytest.raises(PathError, match="venue/trade"):
        agora_of().subscribe("venue/trade")
