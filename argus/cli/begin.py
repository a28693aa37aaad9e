"""Shell. `argus init`, `argus sources` and `argus schema`: what one reads before recording."""

from pathlib import Path

import click

from argus.cli.command import Command, dry_run_option, json_option
from argus.cli.output import answer, answer_json, table
from argus.cli.settings import known
from argus.columns import columns, sql_columns
from argus.config.create import create
from argus.config.page import example
from argus.config.schema import KnownSource
from argus.events import EVENTS, SCHEMA_VERSION


@click.command(
    cls=Command,
    examples=("argus init", "argus init --config recorder.toml --force"),
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    default="argus.toml",
    show_default=True,
    metavar="FILE",
    help="The file to write.",
)
@click.option("--force", is_flag=True, help="Replace the file if it exists.")
@dry_run_option
@json_option
def init(*, config: Path, force: bool, dry_run: bool, as_json: bool) -> None:
    """Write a commented argus.toml to begin with."""
    text = example(known()) if dry_run else create(config, known=known(), replace=force)
    if as_json:
        answer_json({"file": str(config), "bytes": len(text.encode()), "written": not dry_run})
    elif dry_run:
        click.echo(text, nl=False)
    else:
        click.echo(f"{config} is written; `argus run` reads it.")


@click.command(cls=Command, examples=("argus sources", "argus sources --json"))
@json_option
def sources(*, as_json: bool) -> None:
    """List the sources, with their data types and addresses."""
    described = {name: describe_source(source) for name, source in known().items()}
    rows = [
        (name, route or "-", url, ", ".join(source.data_types))
        for name, source in known().items()
        for route, url in [*source.routes.items(), ("rest", source.rest_url)]
    ]
    shown = table(("source", "route", "address", "data types"), rows)
    answer(described, as_json=as_json, shown=shown)


def describe_source(source: KnownSource) -> dict[str, object]:
    """Return a source as plain JSON values."""
    return {
        "data_types": list(source.data_types),
        "websocket_urls": dict(source.routes),
        "rest_url": source.rest_url,
        "connection_lifetime_s_max": source.connection_lifetime_s_max,
        "streams_per_connection_max": source.streams_per_connection_max,
    }


def describe_schema(names: tuple[str, ...]) -> dict[str, object]:
    """Return the columns of data types as plain JSON values."""
    found = {
        name: [
            {"name": c.name, "kind": str(c.kind), "nullable": c.nullable, "doc": c.doc}
            for c in columns(EVENTS[name])
        ]
        for name in names
    }
    return {"version": SCHEMA_VERSION, "data_types": found}


def schema_sql(names: tuple[str, ...]) -> str:
    """Return the columns of data types as SQL table declarations."""
    return "\n\n".join(f"CREATE TABLE {n} (\n{sql_columns(EVENTS[n])}\n);" for n in names)


@click.command(
    cls=Command, examples=("argus schema trade bbo", "argus schema --sql", "argus schema --json")
)
@click.argument("data_types", nargs=-1, type=click.Choice(list(EVENTS)), metavar="[DATA_TYPE]...")
@click.option("--sql", is_flag=True, help="As SQL table declarations.")
@json_option
def schema(*, data_types: tuple[str, ...], sql: bool, as_json: bool) -> None:
    """Show the columns of every data type, or of those named."""
    names = data_types or tuple(EVENTS)
    if sql and not as_json:
        click.echo(schema_sql(names))
        return
    rows = [
        (name, c.name, c.kind, "null" if c.nullable else "", c.doc)
        for name in names
        for c in columns(EVENTS[name])
    ]
    shown = table(("data type", "column", "kind", "null", "meaning"), rows)
    answer(describe_schema(names), as_json=as_json, shown=shown)
