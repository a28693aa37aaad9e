import pytest

from argus.columns import Kind, columns
from argus.events import EVENTS
from argus.storage.packing import NULL_CODE, Codes, packing, source_of


@pytest.mark.parametrize("event", EVENTS.values())
def test_record_holds_every_column_but_texts(event):
    found = packing(event)
    assert list(found.record.names or ()) == [
        "symbol", *(c.name for c in columns(event) if c.kind is not Kind.TEXT),
    ]  # fmt: skip
    compile(source_of(event), "<loop>", "exec")


def test_texts_are_numbered_as_they_appear():
    codes = Codes(nullable=True)
    assert [codes[t] for t in ("b", "a", None, "b")] == [0, 1, NULL_CODE, 0]
    assert codes.texts() == ["b", "a"]


def test_null_is_no_text_where_none_is_allowed():
    codes = Codes(nullable=False)
    assert codes["a"] == 0
    with pytest.raises(TypeError, match="found None, expected text"):
        codes[None]
    assert codes.texts() == ["a"]


@pytest.mark.parametrize("wrong", [5, 1.0, b"x", "\ud800"])
def test_what_arrow_would_refuse_is_refused_at_once(wrong):
    codes = Codes(nullable=True)
    with pytest.raises((TypeError, ValueError)):
        codes[wrong]
    assert codes.texts() == []
