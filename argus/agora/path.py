"""Pure. Names of streams, and the tree they form.

A persistent path is `source/data_type/symbol`; a temporary one is `tmp/<connection>/` before it.
A path is a leaf of the tree: it may be taken once, and neither it nor one of its ancestors may be
both leaf and directory. Removing a leaf prunes the directories that it leaves empty.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Self

from argus.errors import PathError

TEMPORARY = "tmp"
PERSISTENT_SEGMENTS, TEMPORARY_SEGMENTS = 3, 5


@dataclass(frozen=True, slots=True)
class Path:
    """The name of one stream; `connection` is given for a temporary path."""

    source: str
    data_type: str
    symbol: str
    connection: int | None = None

    def __str__(self) -> str:
        """Return the path's text, which `parse` reads back."""
        name = f"{self.source}/{self.data_type}/{self.symbol}"
        return name if self.connection is None else f"{TEMPORARY}/{self.connection}/{name}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the path that `text` names.

        Raises:
            PathError: `text` has not three segments (five for a temporary path).
        """
        parts = segments(text)
        connection = None
        if len(parts) == TEMPORARY_SEGMENTS and parts[0] == TEMPORARY and _is_number(parts[1]):
            connection, parts = int(parts[1]), parts[2:]
        if len(parts) != PERSISTENT_SEGMENTS:
            msg = f"{text!r} is no path; expected source/data_type/symbol, or tmp/<n>/ before it"
            raise PathError(msg)
        source, data_type, symbol = parts
        return cls(source, data_type, symbol, connection)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def segments(text: str) -> tuple[str, ...]:
    """Return the segments of a path's text.

    Raises:
        PathError: a segment is empty, is `.` or `..`, or holds white space.
    """
    parts = tuple(text.split("/"))
    for part in parts:
        if not part or part in {".", ".."} or any(c.isspace() for c in part):
            msg = f"{part!r} in {text!r} is no segment; expected text without slash or white space"
            raise PathError(msg)
    return parts


def matches(pattern: str, text: str) -> bool:
    """Return whether a path matches a pattern, segment by segment.

    `*`, `?` and `[…]` match within one segment; a last segment `**` matches any number of them.
    """
    wanted, parts = pattern.split("/"), text.split("/")
    if wanted[-1] == "**":
        wanted = wanted[:-1]
        parts = parts[: len(wanted)] if len(parts) > len(wanted) else parts
    return len(wanted) == len(parts) and all(
        fnmatchcase(part, want) for want, part in zip(wanted, parts, strict=True)
    )


def is_pattern(text: str) -> bool:
    """Return whether a pattern may match more than the one path that it names."""
    return any(mark in text for mark in "*?[")


class PathTree:
    """The tree of taken paths. Leaves are streams, every ancestor is a directory."""

    def __init__(self) -> None:
        self._root: dict[str, dict[str, object] | None] = {}

    def add(self, text: str) -> None:
        """Take a path.

        Raises:
            PathError: it is taken, is a directory, or an ancestor of it is a leaf.
        """
        *directories, leaf = segments(text)
        node = self._root
        for name in directories:
            child = node.setdefault(name, {})
            if child is None:
                msg = f"{name!r} in {text!r} is a stream; expected a directory"
                raise PathError(msg)
            node = child  # type: ignore[assignment]
        if leaf in node:
            what = "a stream already" if node[leaf] is None else "a directory"
            msg = f"{text!r} is {what}; expected a free path"
            raise PathError(msg)
        node[leaf] = None

    def remove(self, text: str) -> None:
        """Give a path back and prune the directories that it leaves empty.

        Raises:
            PathError: the path is not taken.
        """
        trail: list[tuple[dict[str, dict[str, object] | None], str]] = []
        node: dict[str, dict[str, object] | None] | None = self._root
        for name in segments(text):
            if node is None or name not in node:
                msg = f"{text!r} is not in the tree; expected a taken path"
                raise PathError(msg)
            trail.append((node, name))
            node = node[name]  # type: ignore[assignment]
        if node is not None:
            msg = f"{text!r} is a directory; expected a stream"
            raise PathError(msg)
        for directory, name in reversed(trail):
            if directory[name]:
                break
            del directory[name]

    def paths(self) -> Iterator[str]:
        """Return every taken path, in the order of its tree."""
        yield from _walk(self._root, "")

    def display(self) -> str:
        """Return the tree drawn for people, one name a line."""
        return "\n".join(["agora", *_draw(self._root, "")])


def _walk(node: dict[str, dict[str, object] | None], prefix: str) -> Iterator[str]:
    for name, child in sorted(node.items()):
        if child is None:
            yield prefix + name
        else:
            yield from _walk(child, f"{prefix}{name}/")  # type: ignore[arg-type]


def _draw(node: dict[str, dict[str, object] | None], indent: str) -> Iterator[str]:
    names = sorted(node)
    for name in names:
        last = name == names[-1]
        yield f"{indent}{'└── ' if last else '├── '}{name}"
        child = node[name]
        if child:
            yield from _draw(child, indent + ("    " if last else "│   "))  # type: ignore[arg-type]
