"""The tape of the golden vectors, and others, as tuples that `argus.bars` takes."""

from collections.abc import Iterator


def draws(x: int = 12345) -> Iterator[float]:
    """Numbers between 0 and 1, the same in any language."""
    while True:
        x = (1_103_515_245 * x + 12345) % 2**31
        yield x / 2**31


def tape(p_buy: float, count: int = 20_000) -> list[tuple[float, float, int, int, int]]:
    """Trades (price, size, side, ts_event, id) as `shared/reference/bars.md` defines them."""
    drawn, price, trades = draws(), 100.0, []
    for number in range(count):
        u, v, w = next(drawn), next(drawn), next(drawn)
        side = 1 if u < p_buy else -1
        if v < 0.5:
            price = round(price + side * 0.01, 2)
        size = round(0.001 + w, 6)
        ts = (1_700_000_000_000 + 10 * number) * 1_000_000
        trades.append((price, size, side, ts, number + 1))
    return trades
