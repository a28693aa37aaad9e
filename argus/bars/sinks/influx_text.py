"""Pure. Texts as line protocol wants them: tags and quoted fields.

The columns hold few different texts, so each of those is written once.
"""

from collections.abc import Callable

import polars as pl

_IN_TAGS = str.maketrans({",": "\\,", "=": "\\=", " ": "\\ "})
_IN_QUOTES = str.maketrans({'"': '\\"', "\\": "\\\\"})


def written_tag(text: str) -> str | None:
    """Return a text as the value of a tag; None if it cannot be one.

    A tag is never empty, never goes over the end of a line, and one that ends in a backslash would
    take what follows with it.
    """
    if not text or "\n" in text or "\r" in text or text.endswith("\\"):
        return None
    return text.translate(_IN_TAGS)


def written_field(text: str) -> str:
    """Return a text as the value of a field."""
    return f'"{text.translate(_IN_QUOTES)}"'


def _each(texts: pl.Series, written: Callable[[str], str | None]) -> pl.Series:
    known = [text for text in texts.unique().to_list() if text is not None]
    new = pl.Series([written(text) for text in known], dtype=pl.String)
    return texts.replace_strict(pl.Series(known, dtype=pl.String), new, default=None)


def tag(texts: pl.Series) -> pl.Series:
    """Return texts as values of a tag; null where one cannot be."""
    return _each(texts, written_tag)


def quoted(texts: pl.Series) -> pl.Series:
    """Return texts as values of a field; null where there is none."""
    return _each(texts, written_field)
