"""Shell. `argus query`: SQL over everything that is recorded."""

from pathlib import Path

import click
import pyarrow as pa

from argus.cli.command import Command, Failed, Misused, config_option, data_option, json_option
from argus.cli.output import answer_json, show, table
from argus.cli.rows import numbers, plain, texts, to_csv
from argus.cli.settings import existing_data

ROWS_MAX = 100


@click.command(
    cls=Command,
    examples=(
        'argus query "SELECT symbol, count(*), min(price), max(price) FROM trade GROUP BY symbol"',
        "argus query \"SELECT * FROM gaps WHERE date = '2026-11-20' AND state = 'open'\" --csv",
        'argus query "SELECT * FROM bbo LIMIT 3" --json',
    ),
)
@click.argument("sql")
@click.option("--csv", "as_csv", is_flag=True, help="Answer in CSV.")
@click.option(
    "--rows",
    type=click.IntRange(min=1),
    default=ROWS_MAX,
    show_default=True,
    help="Show at most so many rows in the table; CSV and JSON have them all.",
)
@config_option
@data_option
@json_option
def query(
    *, sql: str, as_csv: bool, rows: int, config: Path | None, data: Path | None, as_json: bool
) -> None:
    """Answer a SQL query over all that is recorded.

    The lake and the chunks that are not merged yet are read as one, each fact once. There is a view
    per data type (trade, bbo, book_delta, …, gap), book_delta_levels and book_snapshot_levels with
    one row per price level, and gaps with one row per gap and its present state. The dialect is
    DuckDB's.
    """
    if as_csv and as_json:
        raise click.UsageError("--csv and --json are both given; one of them is allowed")
    found = answer_sql(existing_data(config, data), sql)
    if as_json:
        answer_json(plain(found))
    elif as_csv:
        click.echo(to_csv(found), nl=False)
    else:
        show(table(found.column_names, texts(found, rows_max=rows), right=numbers(found)))
        if found.num_rows > rows:
            click.echo(f"{found.num_rows - rows} more rows; --rows shows more of them")


def answer_sql(data: Path, sql: str) -> pa.Table:
    """Return the answer as an Arrow table; files that could not be read are told on stderr.

    Raises:
        Misused: the query is not right.
        Failed: the query is right, and failed.
        StorageError: the lake changes faster than it can be read.
    """
    import duckdb

    from argus.lake.query import UNREAD
    from argus.lake.query import query as ask

    wrong = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)
    try:
        found = ask(data, sql)
    except wrong as error:
        raise Misused(_first_words(error)) from error
    except duckdb.Error as error:
        raise Failed(_first_words(error)) from error
    for file in (found.schema.metadata or {}).get(UNREAD, b"").decode().splitlines():
        click.echo(f"Warning: not read, as it is torn or not ours: {file}", err=True)
    return found


def _first_words(error: Exception) -> str:
    """Return DuckDB's message without the drawing of the query below it."""
    return " ".join(str(error).partition("\n\n")[0].split())
