"""Shell. What came of a demo: what was recorded, whether all is well, and a query to begin with."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from rich.console import Group, RenderableType

from argus.cli.findings import summary as one_line
from argus.cli.output import table
from argus.cli.rows import numbers, plain, texts
from argus.cli.verify import audited
from argus.cli.words import amount, size
from argus.control.status import Status, to_json
from argus.storage.audit import Audit

ROWS_MAX = 10

# Plain DuckDB on plain files: nothing of Argus is needed to read the lake.
_SQL = """\
SELECT source, symbol, count(*) AS trades, min(price) AS low, max(price) AS high,
       round(sum(price * size), 2) AS turnover
FROM read_parquet('{glob}', hive_partitioning = true)
GROUP BY ALL ORDER BY turnover DESC LIMIT 5"""
_NEXT = "SELECT * FROM bbo LIMIT 10"


@dataclass(frozen=True, slots=True)
class Summary:
    """What a demo recorded."""

    data: Path
    status: Status
    files: int
    size_bytes: int
    audit: Audit
    sql: str
    answer: pa.Table


def summarize(data: Path, status: Status) -> Summary:
    """Look at what was recorded into a folder."""
    lake = data / "lake"
    files = [f.stat().st_size for f in lake.rglob("data.parquet")]
    glob = lake / "source=*" / "data_type=trade" / "**" / "*.parquet"
    sql = _SQL.format(glob=str(glob).replace("'", "''"))
    with duckdb.connect() as connection:
        answer = connection.sql(sql).to_arrow_table()
    return Summary(data, status, len(files), sum(files), audited(data), sql, answer)


def as_plain(summary: Summary) -> dict[str, Any]:
    """Return a summary as plain JSON values."""
    return {
        "data": str(summary.data),
        "well": summary.audit.is_well,
        "files": summary.files,
        "bytes": summary.size_bytes,
        "status": to_json(summary.status),
        "query": {"sql": summary.sql, "rows": plain(summary.answer)},
    }


def report(summary: Summary) -> RenderableType:
    """Return a summary as a person reads it."""
    sources = summary.status.sources
    facts = sum(s.facts for s in sources)
    rotations = sum(s.rotations for s in sources)
    repeats = sum(s.repeats for s in sources)
    gaps = sum(s.gaps for s in sources)
    data, columns = summary.data, summary.answer.column_names
    rows = texts(summary.answer, rows_max=ROWS_MAX)
    return Group(
        "",
        f"{amount(facts)} facts over {amount(rotations)} rotations; {amount(repeats)} came twice "
        f"and were recorded once; {amount(gaps)} gaps",
        f"{amount(summary.files)} Parquet files of {size(summary.size_bytes)} in {data}/lake",
        one_line(summary.audit),
        "",
        summary.sql,
        "",
        table(columns, rows, right=numbers(summary.answer)),
        "",
        f"verify it:  argus verify --data {data}",
        f"query it:   argus query --data {data} '{_NEXT}'",
    )
