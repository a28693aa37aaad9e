"""Shell. Numbers for names: the dimension tables, read once and added to as rows need it."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from argus.bars.sinks.postgres.connecting import type_of_connection
from argus.bars.sinks.postgres.splitting import choices
from argus.bars.sinks.postgres.tables import DIMENSIONS
from argus.errors import StoreRefused

type_of_pairs = Callable[[str, str], tuple[str, str] | None]
"""Source and symbol in; base and quote asset out, None if they are not known."""


@dataclass(slots=True)
class Known:
    """Numbers that are known to be in the database.

    Attributes:
        texts: per dimension table, the number of each text.
        symbols: number of an exchange and symbol -> numbers of coin and quote.
    """

    texts: dict[str, dict[str, int]] = field(default_factory=lambda: {t: {} for t in DIMENSIONS})
    symbols: dict[tuple[int, str], tuple[int, int]] = field(default_factory=dict)

    def copy(self) -> "Known":
        """Return what may be added to without the original knowing."""
        return Known({t: dict(m) for t, m in self.texts.items()}, dict(self.symbols))


def numbers(
    connection: type_of_connection, known: Known, table: str, texts: Iterable[str]
) -> Mapping[str, int]:
    """Return the numbers of texts of a dimension; those it does not have are added.

    What is added is undone with the transaction, and `known` must be thrown away then.
    """
    have = known.texts[table]
    missing = sorted({text for text in texts if text not in have})
    if missing:
        number, text = DIMENSIONS[table]
        add(connection, table, missing)
        found = connection.execute(
            f'SELECT "{text}", {number} FROM {table} WHERE "{text}" = ANY (%s)',  # noqa: S608
            (missing,),
        ).fetchall()
        have.update((str(name), int(str(place))) for name, place in found)
    return have


def add(connection: type_of_connection, table: str, texts: list[str]) -> None:
    """Add the texts that a dimension does not have; no number is spent on those that it has."""
    _, text = DIMENSIONS[table]
    connection.execute(
        f'INSERT INTO {table} ("{text}") SELECT t FROM unnest(%s::text[]) t '  # noqa: S608
        f'WHERE NOT EXISTS (SELECT FROM {table} d WHERE d."{text}" = t) '
        f'ON CONFLICT ("{text}") DO NOTHING',
        (texts,),
    )


def revive(connection: type_of_connection, table: str, used: Iterable[int]) -> None:
    """Take back the soft deletion of what rows use."""
    number, _ = DIMENSIONS[table]
    connection.execute(
        f"UPDATE {table} SET is_deleted = false, deleted_date = NULL "  # noqa: S608
        f"WHERE {number} = ANY (%s) AND is_deleted",
        (sorted(set(used)),),
    )


def pairs_of(
    connection: type_of_connection,
    known: Known,
    exchange: int,
    symbols: Iterable[str],
    facts: Callable[[str], tuple[str, str] | None],
) -> Mapping[tuple[int, str], tuple[int, int]]:
    """Return numbers of coin and quote for the symbols of an exchange; new ones get a pair.

    Raises:
        StoreRefused: no pair that is free can be made of a symbol.
    """
    missing = sorted({s for s in symbols if (exchange, s) not in known.symbols})
    if missing:
        found = connection.execute(
            "SELECT symbol, coin_id, quote_id FROM dim__symbol "
            "WHERE exchange_id = %s AND symbol = ANY (%s)",
            (exchange, missing),
        ).fetchall()
        for symbol, coin, quote in found:
            known.symbols[exchange, str(symbol)] = (int(str(coin)), int(str(quote)))
        for symbol in missing:
            if (exchange, symbol) not in known.symbols:
                known.symbols[exchange, symbol] = _assigned(
                    connection, known, exchange, symbol, facts(symbol)
                )
    return known.symbols


def _assigned(
    connection: type_of_connection,
    known: Known,
    exchange: int,
    symbol: str,
    facts: tuple[str, str] | None,
) -> tuple[int, int]:
    for coin, quote in choices(symbol, facts):
        ids = (
            numbers(connection, known, "dim__coin", [coin])[coin],
            numbers(connection, known, "dim__quote", [quote])[quote],
        )
        done = connection.execute(
            "INSERT INTO dim__symbol (exchange_id, symbol, coin_id, quote_id) "
            "VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
            (exchange, symbol, *ids),
        )
        if done.rowcount:
            return ids
    raise StoreRefused(
        f"symbol {symbol} of exchange {exchange} has no coin and quote of its own: another symbol "
        "has each that could be made of it; free one in dim__symbol"
    )
