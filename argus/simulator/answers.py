"""Pure. The venue's REST answers, one function for each endpoint; what cannot be answered raises.

Error codes and texts: https://github.com/binance/binance-spot-api-docs/blob/master/errors.md and
the USD-M page "Error Code".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from argus.simulator.bars import interval_ns_of
from argus.simulator.exchange_info import exchange_info
from argus.simulator.feed import Feed
from argus.simulator.history import (
    Wish,
    agg_trade_rows,
    chosen_trades,
    kline_rows,
    last_payload,
    milliseconds,
    trade_rows,
)
from argus.simulator.limits import Limits
from argus.simulator.streams import AGG_TRADE, BOOK_TICKER, KLINE, MARK_PRICE, TRADE, Fact, Source
from argus.simulator.weights import DEPTH_MAX_SPOT, DEPTHS_USDM, ROWS_DEFAULT, ROWS_MAX

Body: TypeAlias = bytes | dict[str, object] | list[object]

_HOUR_MS = 3_600_000
_AGG_TRADES_USDM_MS = 48 * _HOUR_MS
_KLINES_MAX_USDM = 1500


class RestError(Exception):
    """A request the venue answers with an error."""

    def __init__(self, code: int, text: str, status: int = 400) -> None:
        """Keep the venue's code and text, and the HTTP status."""
        self.code, self.text, self.status = code, text, status
        super().__init__(text)


@dataclass(frozen=True, slots=True)
class Question:
    """One request: its parameters and what its headers say."""

    query: Mapping[str, str]
    has_key: bool = False
    is_micro: bool = False

    def number(self, name: str) -> int | None:
        """Return a whole number, `None` if it was not given."""
        given = self.query.get(name)
        if given is None:
            return None
        if not given.isdigit():
            text = (
                f"Illegal characters found in parameter '{name}'; legal range is '^[0-9]{{1,20}}$'."
            )
            raise RestError(-1100, text)
        return int(given)

    def wish(self, rows_max: int) -> Wish:
        """Return which rows are asked for."""
        limit = self.number("limit")
        return Wish(
            limit=min(ROWS_DEFAULT if limit is None else max(limit, 1), rows_max),
            from_id=self.number("fromId"),
            ts_start_ms=self.number("startTime"),
            ts_end_ms=self.number("endTime"),
        )


@dataclass(frozen=True, slots=True)
class Answers:
    """What the venue knows. `latest(kind, symbol)` gives the facts in memory, oldest first."""

    source: Source
    feed: Feed
    limits: Limits
    latest: Callable[[str, str], Sequence[Fact]]
    # Symbols that are no longer traded but still shown, with their status.
    closing: dict[str, str] = field(default_factory=dict)

    def answer(self, endpoint: str, question: Question) -> Body:
        """Return the body for an endpoint such as `depth`.

        Raises:
            RestError: with the venue's code and text.
        """
        endpoints: dict[str, Callable[[Question], Body]] = {
            "ping": lambda _: {},
            "time": lambda _: {"serverTime": self._now_ms},
            "exchangeInfo": self._exchange_info,
            "depth": self._depth,
            "trades": self._trades,
            "historicalTrades": self._historical_trades,
            "aggTrades": self._agg_trades,
            "klines": self._klines,
            "ticker/bookTicker": self._book_tickers,
        }
        if self.source is Source.BINANCE_USDM:
            endpoints |= {"openInterest": self._open_interest, "premiumIndex": self._premium}
        if endpoint not in endpoints:
            raise RestError(-1000, "Not found", status=404)
        return endpoints[endpoint](question)

    @property
    def _now_ms(self) -> int:
        return self.feed.now_ns // 1_000_000

    def _symbol(self, question: Question) -> str:
        symbol = question.query.get("symbol")
        if not symbol:
            text = "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."
            raise RestError(-1102, text)
        if not self.feed.knows(symbol):
            raise RestError(-1121, "Invalid symbol.")
        return symbol

    def _exchange_info(self, question: Question) -> Body:
        shown = [(spec, "TRADING") for spec in self.feed.listed()]
        shown += [
            (spec, self.closing[spec.symbol])
            for spec in self.feed.delisted()
            if spec.symbol in self.closing
        ]
        wanted = question.query.get("symbol") or question.query.get("symbols")
        if wanted and self.source is Source.BINANCE_SPOT:
            names = [name.strip('[]" ') for name in wanted.split(",")]
            shown = [(spec, status) for spec, status in shown if spec.symbol in names]
            if len(shown) < len(names):
                raise RestError(-1121, "Invalid symbol.")
        return exchange_info(self.source, shown, now_ms=self._now_ms, limits=self.limits)

    def _depth(self, question: Question) -> Body:
        symbol, limit = self._symbol(question), question.number("limit")
        if self.source is Source.BINANCE_SPOT:
            limit = min(limit or 100, DEPTH_MAX_SPOT)
        else:
            limit = ROWS_DEFAULT if limit is None else limit
            if limit not in DEPTHS_USDM:
                raise RestError(-4021, f"{limit} is not valid depth limit.")
        body = self.feed.depth(symbol, limit)
        if body is None:
            raise RestError(-1121, "Invalid symbol.")
        return body

    def _trades(self, question: Question) -> Body:
        wish = Wish(limit=question.wish(ROWS_MAX).limit)
        payloads = chosen_trades(self.latest(TRADE, self._symbol(question)), wish)
        return [*trade_rows(self.source, payloads, is_micro=question.is_micro)]

    def _historical_trades(self, question: Question) -> Body:
        if self.source is Source.BINANCE_USDM and not question.has_key:
            raise RestError(-2014, "API-key format invalid.", status=401)
        asked = question.wish(ROWS_MAX)
        wish = Wish(limit=asked.limit, from_id=asked.from_id)
        payloads = chosen_trades(self.latest(TRADE, self._symbol(question)), wish)
        return [*trade_rows(self.source, payloads, is_micro=question.is_micro)]

    def _agg_trades(self, question: Question) -> Body:
        symbol, wish = self._symbol(question), question.wish(ROWS_MAX)
        if self.source is Source.BINANCE_USDM:
            self._require_recent(wish)
        payloads = chosen_trades(self.latest(AGG_TRADE, symbol), wish)
        if self.source is Source.BINANCE_USDM:
            oldest = self._now_ms - _AGG_TRADES_USDM_MS
            payloads = [one for one in payloads if milliseconds(int(str(one["T"]))) >= oldest]
        return [*agg_trade_rows(payloads, is_micro=question.is_micro)]

    def _require_recent(self, wish: Wish) -> None:
        start, end = wish.ts_start_ms, wish.ts_end_ms
        if wish.from_id is not None and (start is not None or end is not None):
            raise RestError(-1128, "Combination of optional parameters invalid.")
        if start is not None and end is not None and end - start > _HOUR_MS:
            text = "Lookup interval is too big. More than 1 hours between startTime and endTime."
            raise RestError(-1127, text)

    def _klines(self, question: Question) -> Body:
        symbol, interval = self._symbol(question), question.query.get("interval", "")
        try:
            interval_ns_of(interval)
        except ValueError as error:
            raise RestError(-1120, "Invalid interval.") from error
        is_spot = self.source is Source.BINANCE_SPOT
        wish = question.wish(ROWS_MAX if is_spot else _KLINES_MAX_USDM)
        return [
            *kline_rows(
                self.latest(f"{KLINE}_{interval}", symbol), wish, is_micro=question.is_micro
            )
        ]

    def _open_interest(self, question: Question) -> Body:
        symbol = self._symbol(question)
        found = self.feed.open_interest(symbol)
        if found is None:
            raise RestError(-1121, "Invalid symbol.")
        return {"symbol": symbol, "openInterest": found, "time": self._now_ms}

    def _premium(self, question: Question) -> Body:
        if "symbol" in question.query:
            rows = self._premiums([self._symbol(question)])
            return rows[0] if rows else {}
        return [*self._premiums([spec.symbol for spec in self.feed.listed()])]

    def _premiums(self, symbols: list[str]) -> list[dict[str, object]]:
        return [
            {
                "symbol": symbol,
                "markPrice": mark["p"],
                "indexPrice": mark["i"],
                "estimatedSettlePrice": mark["P"],
                "lastFundingRate": mark["r"],
                "interestRate": "0.00010000",
                "nextFundingTime": mark["T"],
                "time": mark["E"],
            }
            for symbol in symbols
            for mark in last_payload(self.latest(MARK_PRICE, symbol))
        ]

    def _book_tickers(self, question: Question) -> Body:
        if "symbol" in question.query:
            rows = self._best([self._symbol(question)])
            return rows[0] if rows else {}
        return [*self._best([spec.symbol for spec in self.feed.listed()])]

    def _best(self, symbols: list[str]) -> list[dict[str, object]]:
        return [
            {
                "symbol": symbol,
                "bidPrice": best["b"],
                "bidQty": best["B"],
                "askPrice": best["a"],
                "askQty": best["A"],
            }
            for symbol in symbols
            for best in last_payload(self.latest(BOOK_TICKER, symbol))
        ]
