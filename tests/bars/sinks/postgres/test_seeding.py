"""What the dimensions should hold, and that nothing that is used is ever deleted."""

from hypothesis import given
from hypothesis import strategies as st

from argus.bars.sinks.postgres.seeding import Change, Listed, Present, change, wanted
from argus.config import parse
from tests.config.known import KNOWN


def listed(source: str, symbol: str, base: str, quote: str, kind: str | None = None) -> Listed:
    return Listed(source, symbol, base, quote, "TRADING", kind)


INSTRUMENTS = [
    listed("binance_spot", "BTCUSDT", "BTC", "USDT"),
    listed("binance_spot", "ETHTRY", "ETH", "TRY"),
    listed("binance_usdm", "SOLUSDT", "SOL", "USDT", "PERPETUAL"),
    listed("binance_usdm", "SOLUSDT_260925", "SOL", "USDT", "CURRENT_QUARTER"),
    listed("binance_usdm", "SOLUSDC", "SOL", "USDC", "PERPETUAL"),
]


def test_names_come_from_the_configuration_and_the_instruments():
    config = parse(
        {
            "sources": {
                "binance_spot": {
                    "symbols": ["BTCUSDT", "ETHTRY", "XRPUSDC"],
                    "kline_intervals": ["1m", "1s"],
                },
                "binance_usdm": {"symbols": {"quote": "USDT"}},
            },
            "bars": {"profiles": ["tib_small", "1m"]},
            "timescale": {"profiles": ["vpin"]},
        },
        known=KNOWN,
    )
    assert wanted(config, INSTRUMENTS) == {
        "dim__coin": {"BTC", "ETH", "XRP", "SOL", "SOL_260925"},
        "dim__quote": {"USDT", "TRY", "USDC"},
        "dim__exchange": {"BINANCE_SPOT", "BINANCE_FUTURES"},
        "dim__interval": {"kline_1m", "kline_1s", "tib_small", "1m", "vpin"},
    }


def test_candles_that_are_not_recorded_have_no_interval():
    config = parse({"sources": {"binance_spot": {"data_types": ["trade"]}}}, known=KNOWN)
    assert wanted(config, [])["dim__interval"] == frozenset()


def test_changes_by_what_is_there():
    rows = [
        Present("there", is_deleted=False, is_used=False),
        Present("back", is_deleted=True, is_used=False),
        Present("used", is_deleted=False, is_used=True),
        Present("used again", is_deleted=True, is_used=True),
        Present("old", is_deleted=False, is_used=False),
        Present("older", is_deleted=True, is_used=False),
    ]
    assert change(rows, {"there", "back", "new"}) == Change(
        added=("new",), revived=("back", "used again"), deleted=("old",)
    )


WORDS = st.sampled_from("abcdef")


@given(
    rows=st.lists(
        st.builds(Present, WORDS, st.booleans(), st.booleans()), unique_by=lambda r: r.text
    ),
    texts=st.sets(WORDS),
)
def test_what_is_wanted_or_used_is_there_and_nothing_else(rows, texts):
    found = change(rows, texts)
    active = {r.text for r in rows if not r.is_deleted}
    after = (active | set(found.added) | set(found.revived)) - set(found.deleted)
    assert after == texts | {r.text for r in rows if r.is_used}
