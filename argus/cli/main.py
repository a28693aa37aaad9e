"""Shell. The `argus` command and its verbs."""

import click

from argus import __version__
from argus.cli.backfill import backfill
from argus.cli.bars.group import bars
from argus.cli.begin import init, schema, sources
from argus.cli.chunks import bump, flush, stale
from argus.cli.command import Group
from argus.cli.databases import db
from argus.cli.demo import demo
from argus.cli.gaps import gaps
from argus.cli.importing import import_
from argus.cli.prove import prove
from argus.cli.query import query
from argus.cli.run import run
from argus.cli.running import status, stop
from argus.cli.simulate import simulate
from argus.cli.verify import verify


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="argus")
def main() -> None:
    """Argus records what exchanges say, completely, and proves that it did."""


VERBS = (
    *(init, run, demo, simulate),
    *(import_, backfill, query, gaps, prove, verify, bars),
    *(status, stop, flush, bump, stale, db),
    *(sources, schema),
)

for verb in VERBS:
    main.add_command(verb)
