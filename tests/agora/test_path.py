"""Names of streams and the tree they form."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from argus.agora.path import Path, PathTree, is_pattern, matches, segments
from argus.errors import PathError

names = st.text(
    st.characters(exclude_categories=("Z", "C"), exclude_characters="/"), min_size=1, max_size=8
).filter(lambda s: s not in {".", ".."} and not any(c.isspace() for c in s))
numbers = st.none() | st.integers(0, 10**9)
# A source called tmp would be read as the root of temporary paths.
paths = st.builds(Path, names.filter(lambda s: s != "tmp"), names, names, numbers)


@given(paths)
def test_text_of_a_path_reads_back(path):
    assert Path.parse(str(path)) == path


def test_persistent_path_has_three_segments_and_a_temporary_one_two_before_them():
    path = Path("binance_usdm", "trade", "币安人生USDT")
    assert str(path) == "binance_usdm/trade/币安人生USDT"
    assert str(Path(path.source, path.data_type, path.symbol, 7)) == f"tmp/7/{path}"
    assert Path.parse(f"tmp/7/{path}").connection == 7


@pytest.mark.parametrize(
    "text",
    [
        "", "a", "a/b", "a/b/c/d", "/a/b", "a/b/", "a//b", "a/b/c/", "/a/b/c", "a/b c/d", "a/\t/c",
        "a/b/c\n", "a/\u00a0/c", "../b/c", "a/./c", "tmp/x/a/b/c", "tmp/-1/a/b/c", "tmp/٣/a/b/c",
        "tmp/1/a/b", "tmp/1/a/b/c/d",
    ],
)  # fmt: skip
def test_text_that_is_no_path_is_refused(text):
    with pytest.raises(PathError):
        Path.parse(text)


def test_error_says_what_was_found_and_what_was_expected():
    with pytest.raises(PathError, match=r"'a/b' is no path; expected source/data_type/symbol"):
        Path.parse("a/b")
    with pytest.raises(PathError, match=r"'' in 'a//b' is no segment"):
        segments("a//b")


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("a/b/c", "a/b/c"),
        ("a/*/c", "a/b/c"),
        ("*/trade/BTC*", "binance_spot/trade/BTCUSDT"),
        ("a/[bc]/?", "a/c/x"),
        ("a/**", "a/b/c"),
        ("a/**", "a"),
        ("**", "a/b/c"),
        ("tmp/**", "tmp/7/a/b/c"),
    ],
)
def test_pattern_matches(pattern, text):
    assert matches(pattern, text)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("a/b/c", "a/b/d"),
        ("a/*", "a/b/c"),
        ("*", "a/b"),
        ("a/b/c", "A/b/c"),
        ("*/*/*", "tmp/7/a/b/c"),
        ("b/**", "a/b"),
        ("a/b/**", "a"),
        ("a/trade/*", "a/agg_trade/x"),
    ],
)
def test_pattern_does_not_match(pattern, text):
    assert not matches(pattern, text)


@given(paths)
def test_every_path_matches_its_own_text_and_stars(path):
    assert matches("**", str(path))
    assert matches("*/*/*", f"{path.source}/{path.data_type}/{path.symbol}")


def test_leaf_may_not_be_taken_twice():
    tree = PathTree()
    tree.add("a/b/c")
    with pytest.raises(PathError, match="'a/b/c' is a stream already; expected a free path"):
        tree.add("a/b/c")


def test_leaf_gains_no_children():
    tree = PathTree()
    tree.add("a/b")
    with pytest.raises(PathError, match="'b' in 'a/b/c' is a stream; expected a directory"):
        tree.add("a/b/c")


def test_directory_is_no_free_path():
    tree = PathTree()
    tree.add("a/b/c")
    with pytest.raises(PathError, match="'a/b' is a directory; expected a free path"):
        tree.add("a/b")


def test_removal_prunes_upward_to_the_first_directory_with_another_child():
    tree = PathTree()
    for text in ("a/b/c", "a/d", "e/f"):
        tree.add(text)
    tree.remove("a/b/c")
    assert tree.display().splitlines() == ["agora", "├── a", "│   └── d", "└── e", "    └── f"]
    tree.remove("a/d")
    assert tree.display().splitlines() == ["agora", "└── e", "    └── f"]
    tree.add("a")
    assert list(tree.paths()) == ["a", "e/f"]


@pytest.mark.parametrize("text", ["a/x", "a/b", "a/b/c/d", "z"])
def test_what_is_not_taken_cannot_be_removed(text):
    tree = PathTree()
    tree.add("a/b/c")
    with pytest.raises(PathError):
        tree.remove(text)
    assert list(tree.paths()) == ["a/b/c"]


def test_failed_addition_leaves_no_directory_behind():
    tree = PathTree()
    tree.add("a/b")
    with pytest.raises(PathError):
        tree.add("a/b/c/d")
    tree.remove("a/b")
    assert tree.display() == "agora"


class TreeMachine(RuleBasedStateMachine):
    """The tree holds what a set of texts holds, under the rules of leaves and directories."""

    texts = st.lists(st.sampled_from("abc"), min_size=1, max_size=4).map("/".join)

    def __init__(self) -> None:
        super().__init__()
        self.tree = PathTree()
        self.taken: set[str] = set()

    def is_free(self, text: str) -> bool:
        return not any(
            text == other or text.startswith(f"{other}/") or other.startswith(f"{text}/")
            for other in self.taken
        )

    @rule(text=texts)
    def add(self, text: str) -> None:
        if self.is_free(text):
            self.tree.add(text)
            self.taken.add(text)
        else:
            with pytest.raises(PathError):
                self.tree.add(text)

    @rule(text=texts)
    def remove(self, text: str) -> None:
        if text in self.taken:
            self.tree.remove(text)
            self.taken.remove(text)
        else:
            with pytest.raises(PathError):
                self.tree.remove(text)

    @invariant()
    def holds_what_was_taken(self) -> None:
        assert list(self.tree.paths()) == sorted(self.taken, key=lambda t: t.split("/"))

    @invariant()
    def has_no_empty_directory(self) -> None:
        drawn = {part for text in self.taken for part in text.split("/")}
        assert {line.split(" ")[-1] for line in self.tree.display().splitlines()} == {
            "agora",
            *drawn,
        }


TestTree = TreeMachine.TestCase


def test_pattern_is_told_from_the_name_of_one_path():
    assert [is_pattern(text) for text in ("a/b/c", "a/*/c", "a/b?/c", "a/[bc]/d")] == [
        False, True, True, True,
    ]  # fmt: skip
