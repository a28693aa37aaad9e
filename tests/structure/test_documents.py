"""What is written down is there, is dated, and leads somewhere (rules 40, 47 and 49)."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.structure.tree import ROOT, code_blocks

DECISIONS = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("changes/*.md")]
    + [ROOT / folder / "README.md" for folder in ("data", "sql", "proto")]
)
FRAGMENT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.(added|changed|fixed|removed)\.md")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
PIN = re.compile(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.!+_-]+)")


def relative(path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_readme_shows_the_two_commands():
    shown = code_blocks(ROOT / "README.md")
    assert [line for line in ("make demo", "make test") if line not in shown] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_links_lead_somewhere(document):
    links = LINK.findall(document.read_text("utf-8"))
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("decision", DECISIONS, ids=relative)
def test_decision_is_dated_and_listed(decision):
    assert re.search(r"^Date: \d{4}-\d{2}-\d{2}$", decision.read_text("utf-8"), re.MULTILINE)
    assert f"({decision.name})" in (ROOT / "docs/decisions/README.md").read_text("utf-8")


def test_decisions_are_numbered_without_a_hole():
    numbers = [int(decision.name[:4]) for decision in DECISIONS]
    assert numbers == list(range(1, len(numbers) + 1))


def test_change_fragments_are_named_by_kind():
    fragments = [path for path in (ROOT / "changes").iterdir() if path.name != "README.md"]
    assert fragments, "no fragment in changes/: say there what a user will see"
    assert [path.name for path in fragments if not FRAGMENT.fullmatch(path.name)] == []
    assert [path.name for path in fragments if not path.read_text("utf-8").strip()] == []


def test_every_direct_dependency_is_pinned_within_its_bounds():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    wanted = map(Requirement, [*project["dependencies"], *(line for e in extras for line in e)])
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [PIN.fullmatch(line) for line in lines if line and not line.startswith("#")]
    assert all(pins), "constraints.txt holds lines of the form name==version, and no others"
    versions = {canonicalize_name(pin[1]): Version(pin[2]) for pin in pins if pin}
    assert [
        str(requirement)
        for requirement in wanted
        if (version := versions.get(canonicalize_name(requirement.name))) is None
        or version not in requirement.specifier
    ] == []
