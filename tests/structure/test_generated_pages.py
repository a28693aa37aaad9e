"""What can be generated is generated, and stands in the repository as it would be now (rule 49)."""

from pathlib import PurePath

import duckdb
import pytest

from argus import telemetry
from argus.cli import happenings
from argus.columns import reference as columns
from argus.events import EVENTS
from argus.lake.views import duckdb_views
from argus.telemetry import Happening
from tests.structure.tree import ROOT

# The pages of the command line and of the configuration: tests/cli/test_page.py.
GENERATED = {
    "docs/columns.md": columns(),
    "docs/telemetry.md": happenings.reference(),
    "sql/duckdb_views.sql": duckdb_views(PurePath("data")),
}


@pytest.mark.parametrize("path", GENERATED)
def test_generated_file_is_current(path):
    """If not: python -m argus.cli.page columns > docs/columns.md, likewise telemetry and views."""
    assert (ROOT / path).read_text("utf-8") == GENERATED[path]


def test_page_of_the_telemetry_has_every_happening():
    kinds = [
        name
        for name, kind in vars(telemetry).items()
        if isinstance(kind, type) and issubclass(kind, Happening) and kind is not Happening
    ]
    assert [name for name in kinds if f"| `{name}` |" not in GENERATED["docs/telemetry.md"]] == []


def test_script_of_views_is_sql_with_a_view_for_each_data_type():
    statements = duckdb.extract_statements(GENERATED["sql/duckdb_views.sql"])
    created = [
        statement.query.split("VIEW ")[1].split()[0]
        for statement in statements
        if "CREATE" in statement.query
    ]
    own = [
        name for name in created if not name.endswith("_levels") and name not in {"gaps", "bars"}
    ]
    assert own == list(EVENTS)
