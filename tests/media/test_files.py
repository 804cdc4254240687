from __future__ import annotations

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from bridge.errors import MediaError
from bridge.media.files import SUFFIXES, describe, sniff


def picture(kind: str) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", (4, 4), (200, 10, 10)).save(content, kind)
    return content.getvalue()


KINDS = {
    "image/jpeg": picture("JPEG"),
    "image/png": picture("PNG"),
    "image/gif": picture("GIF"),
    "image/webp": picture("WEBP"),
    "image/avif": b"\0\0\0\x1cftypavif\0\0\0\0",
    "image/heic": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "video/mp4": b"\0\0\0\x18ftypisom\0\0\2\0isomiso2",
    "video/quicktime": b"\0\0\0\x14ftypqt  \0\0\2\0qt  ",
    "video/webm": b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\xf7\x81\x01B\xf2\x81\x04B\xf3\x81\x08B\x82\x84webm",
}


@pytest.mark.parametrize("mime_type", KINDS)
def test_a_kind_is_known_by_its_bytes(mime_type: str) -> None:
    data = KINDS[mime_type]
    facts = describe("data/tweets_media/1-abc.bin", lambda: io.BytesIO(data))
    assert (facts.mime_type, facts.size) == (mime_type, len(data))
    assert facts.sha256 == hashlib.sha256(data).hexdigest()
    assert facts.name == f"1-abc{SUFFIXES[mime_type]}"


@pytest.mark.parametrize(
    ("name", "shown"),
    [("a/b.JPG", "b.JPG"), ("b.jpeg", "b.jpeg"), ("c.png", "c.jpg"), ("d", "d.jpg"), ("e\\f.x", "f.jpg")],
)
def test_the_name_fits_the_content(name: str, shown: str) -> None:
    assert describe(name, lambda: io.BytesIO(KINDS["image/jpeg"])).name == shown


def test_a_film_from_before_there_were_brands() -> None:
    assert sniff(b"\0\0\0\x08wide\0\0\0\0mdat") == "video/quicktime"


def test_matroska_is_not_webm() -> None:
    assert sniff(b"\x1a\x45\xdf\xa3\x9fB\x86\x81\x01B\x82\x88matroska") is None


@pytest.mark.parametrize(
    ("data", "sentence"), [(b"", "is empty"), (b"<html>404</html>", "neither a picture")]
)
def test_what_is_no_medium_is_said(data: bytes, sentence: str) -> None:
    with pytest.raises(MediaError, match=sentence):
        describe("x/1.jpg", lambda: io.BytesIO(data))


def test_what_cannot_be_read_is_said() -> None:
    def broken() -> io.BytesIO:
        raise OSError("disk")

    with pytest.raises(MediaError, match=r"1\.jpg cannot be read: disk"):
        describe("x/1.jpg", broken)


@given(st.binary(max_size=80))
def test_any_bytes_are_known_or_not(data: bytes) -> None:
    assert sniff(data) is None or sniff(data) in SUFFIXES
