"""The JavaScript wrapper: whatever is in the file, whole items come out and nothing is raised."""

from __future__ import annotations

import io
import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.sources.twitter_archive import script as scripts
from bridge.sources.twitter_archive.script import Script, Unreadable, read_object

ANY = msgspec.json.Decoder(dict)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 9)
    | st.text(max_size=8)
    | st.sampled_from(["},{", "\n  },\n  {", "]", '"', "\\"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)
ITEMS = st.lists(st.dictionaries(st.sampled_from(["tweet", "id", "a", "b\n"]), JSON, max_size=3), max_size=8)
STYLES = st.sampled_from(
    [
        {"indent": 2},
        {"indent": 1, "separators": (",", " : ")},
        {"separators": (",", ":")},
        {},
        {"indent": "\t"},
    ]
)


def read(data: bytes):
    reading = Script(io.BytesIO(data), ANY)
    return list(reading), reading


@given(
    ITEMS,
    STYLES,
    st.sampled_from(["window.YTD.x.part0 = ", "\ufeffx=\n", "", "var t ="]),
    st.sampled_from(["", ";", "\n;x()", "]"]),
)
def test_every_layout(items, style, head: str, tail: str) -> None:
    found, reading = read((head + json.dumps(items, **style) + tail).encode())
    assert found == items
    assert not reading.cut
    assert reading.count == len(items)


@given(ITEMS, STYLES, ITEMS, STYLES)
def test_two_layouts_in_one_file(first, style, second, other) -> None:
    """As updaters leave it: their objects behind Twitter's."""
    inner = [json.dumps(items, **how)[1:-1].strip() for items, how in ((first, style), (second, other))]
    found, _ = read(("x = [" + ", ".join(filter(None, inner)) + "]").encode())
    assert found == first + second


@given(ITEMS, STYLES, st.integers(0, 400))
def test_cut_anywhere(items, style, at: int) -> None:
    whole = ("x = " + json.dumps(items, **style)).encode()
    found, reading = read(whole[:at])
    good = [item for item in found if not isinstance(item, Unreadable)]
    assert good == items[: len(good)]
    assert len(found) - len(good) <= 1
    assert reading.cut == (at < len(whole))


@given(st.binary(max_size=300))
def test_any_bytes(data: bytes) -> None:
    read(data)
    read(b"x = [" + data)
    read_object(io.BytesIO(data), dict)


@given(st.text(alphabet='{}[]",:\\ \n1a', max_size=120))
def test_any_signs(text: str) -> None:
    found, reading = read(b"x = [" + text.encode())
    assert len(found) == reading.count


def test_small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripts, "CHUNK", 7)
    items = [{"tweet": {"n": n, "text": "},\n {" * n}} for n in range(30)]
    for style in ({"indent": 2}, {}):
        assert read(b"x = " + json.dumps(items, **style).encode())[0] == items


def test_one_object_instead_of_a_list() -> None:
    assert read(b'x = {"a": [1]}; more {')[0] == [{"a": [1]}]


def test_small_files_tolerate_what_follows() -> None:
    assert read_object(io.BytesIO(b'var a = {"b": 1};\nrest'), dict[str, int]) == {"b": 1}
    assert read_object(io.BytesIO(b"var a"), dict) is None
