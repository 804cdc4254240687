"""Descriptions of pictures out of the files in which people and other programs keep them.

Read are: our own worklist as CSV; archive.alt-text.org JSON; twitter-web-exporter JSON; gallery-dl metadata
(a file a medium, or a folder of them); X API v2 pages and twarc JSONL, old and new. Told apart by content.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bridge.errors import SourceError

FORMATS = "the CSV of `alt export`, archive.alt-text.org, twitter-web-exporter, gallery-dl, X API v2 or twarc"

_LARGEST = 512 << 20
_FILES = 200_000
_INERT = re.compile(r"^'(?=[=+\-@\t])")
_NAME = re.compile(r"/([^/?#]+?)(?:\.\w{2,5})?(?::\w+)?(?:[?#].*)?$")

Entry = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a file says of one medium; of `key`, `name` and `index` (from 1) at least one tells which."""

    post_id: str
    text: str
    key: str | None = None  #: the medium's id on the network, without the prefix of its type
    name: str | None = None  #: the last segment of its URL, without suffix
    index: int | None = None
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AltTexts:
    format: str
    told: tuple[Told, ...]
    empty: int = 0  #: media that the file names without describing them


def read_alt_texts(path: Path) -> AltTexts:
    """Raises SourceError: the file cannot be read, or is none of the known formats."""
    if path.is_dir():
        return _folder(path)
    text = _text(path)
    if text.lstrip()[:1] in ("{", "["):
        return _of_entries(path.name, _documents(path.name, text))
    return _table(path.name, text)


def media_name(url: str) -> str | None:
    """`https://pbs.twimg.com/media/Abc.jpg?name=orig` and `.../Abc?format=jpg` are one picture, "Abc"."""
    found = _NAME.search(url)
    return found[1] if found else None


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST:
            raise SourceError(f"{path.name} is larger than any list of descriptions.")
        raw = path.read_bytes()
    except OSError as error:
        raise SourceError(f"{path} cannot be read ({error.strerror}).") from error
    wide = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    # The last is what a spreadsheet in Western Europe saves.
    for encoding in ["utf-16"] if wide else ["utf-8-sig", "cp1252"]:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise SourceError(f"{path.name} is not text.", hint="Save it as CSV in UTF-8.")


# --- our own worklist


def _table(name: str, text: str) -> AltTexts:
    head = text.partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    columns = {(column or "").strip().lower() for column in rows.fieldnames or ()}
    if "tweet_id" not in columns or "alt_text" not in columns:
        raise _unknown(name)
    told: list[Told] = []
    empty = 0
    try:
        for at, row in enumerate(rows, 2):
            clean = {
                (key or "").strip().lower(): value for key, value in row.items() if isinstance(value, str)
            }
            found = _row(clean, f"{name}, row {at}")
            if found is None:
                empty += 1
            else:
                told.append(found)
    except csv.Error as error:
        raise SourceError(
            f"{name}, line {rows.line_num}: {error}.", hint="Export it again as CSV."
        ) from error
    return AltTexts(format="csv", told=tuple(told), empty=empty)


def _row(row: Mapping[str, str], place: str) -> Told | None:
    text = _INERT.sub("", row.get("alt_text", "")).strip()
    post_id = row.get("tweet_id", "").strip().lstrip("'#")
    if not text:
        return None
    if not post_id.isdigit():
        raise SourceError(
            f"{place}: {post_id or 'nothing'!r} is no tweet id.",
            hint="Spreadsheets round long numbers: set the column tweet_id to text before opening the file.",
        )
    index = row.get("media_index", "").strip()
    return Told(
        post_id=post_id,
        text=text,
        key=_key(row.get("media_key")),
        name=media_name("/" + row["url"]) if row.get("url") else None,
        index=int(index) if index.isdigit() else None,
        place=place,
    )


# --- JSON


def _folder(path: Path) -> AltTexts:
    """gallery-dl writes a file a medium."""
    names = sorted(path.rglob("*.json"))[:_FILES]
    if not names:
        raise SourceError(f"{path} holds no .json files.", hint=f"Understood are {FORMATS}.")
    return _of_entries(path.name, (entry for each in names for entry in _documents(each.name, _text(each))))


def _documents(name: str, text: str) -> Iterator[Entry]:
    """Every object of a JSON document, of a list, or of JSON lines."""
    decoder = json.JSONDecoder(strict=False)
    at, end = 0, len(text)
    while True:
        while at < end and (text[at].isspace() or text[at] == ","):
            at += 1
        if at >= end:
            return
        try:
            document, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError) as error:
            line = text.count("\n", 0, at) + 1
            raise SourceError(f"{name}, line {line}: this is not JSON ({error}).") from error
        yield from _objects(document)


def _objects(document: object) -> Iterator[Entry]:
    if isinstance(document, list):
        for each in document:
            yield from _objects(each)
    elif isinstance(document, dict):
        yield document


def _of_entries(name: str, entries: Iterable[Entry]) -> AltTexts:
    told: list[Told] = []
    empty = seen = 0
    formats: dict[str, None] = {}
    for at, entry in enumerate(entries, 1):
        named = next((label for label, knows, _ in _SHAPES if knows(entry)), None)
        if named is None:
            continue
        seen += 1
        formats[named] = None
        read = next(reader for label, _, reader in _SHAPES if label == named)
        for found in read(entry, f"{name}, item {at}"):
            if found.text:
                told.append(found)
            else:
                empty += 1
    if not seen:
        raise _unknown(name)
    return AltTexts(format=", ".join(formats), told=tuple(told), empty=empty)


def _unknown(name: str) -> SourceError:
    return SourceError(
        f"{name} is no list of descriptions that is known here.", hint=f"Understood are {FORMATS}."
    )


def _listed(entry: Entry, *keys: str) -> list[Entry]:
    """The objects of a list somewhere below; whatever is not as it should be counts as nothing."""
    found: object = entry
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []


def _said(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""


def _id(value: object) -> str:
    return str(value) if isinstance(value, (str, int)) and not isinstance(value, bool) else ""


def _key(value: object) -> str | None:
    """`3_1234` names the same medium as `1234`: the first number is its type."""
    return _id(value).rpartition("_")[2] or None


def _named(value: object) -> str | None:
    return media_name(value) if isinstance(value, str) else None


def _alt_text_org(entry: Entry, place: str) -> Iterator[Told]:
    yield Told(
        post_id=_id(entry["tweet_id"]),
        text=_said(entry["alt_text"]),
        key=_key(entry.get("media_key")),
        name=_named(entry.get("media_url")),
        place=place,
    )


def _gallery_dl(entry: Entry, place: str) -> Iterator[Told]:
    number = entry.get("num")
    yield Told(
        post_id=_id(entry["tweet_id"]),
        text=_said(entry.get("description")),
        name=_said(entry.get("filename")) or None,
        index=number if isinstance(number, int) and number > 0 else None,
        place=place,
    )


def _web_exporter(entry: Entry, place: str) -> Iterator[Told]:
    for index, medium in enumerate(_listed(entry, "media"), 1):
        yield Told(
            post_id=_id(entry["id"]),
            text=_said(medium.get("ext_alt_text")),
            name=_named(medium.get("original") or medium.get("url")),
            index=index,
            place=place,
        )


def _api_v1(entry: Entry, place: str) -> Iterator[Told]:
    legacy = entry.get("legacy")
    tweet: Entry = legacy if isinstance(legacy, dict) else entry
    for index, medium in enumerate(_listed(tweet, "extended_entities", "media"), 1):
        yield Told(
            post_id=_id(tweet.get("id_str") or entry.get("rest_id")),
            text=_said(medium.get("ext_alt_text")),
            key=_key(medium.get("id_str")),
            name=_named(medium.get("media_url_https")),
            index=index,
            place=place,
        )


def _api_v2(entry: Entry, place: str) -> Iterator[Told]:
    media = {_id(medium.get("media_key")): medium for medium in _listed(entry, "includes", "media")}
    single = entry.get("data")
    tweets = [single] if isinstance(single, dict) else _listed(entry, "data")
    for tweet in (*tweets, *_listed(entry, "includes", "tweets"), *_listed(entry, "includes", "posts")):
        attached = tweet.get("attachments")
        keys = attached.get("media_keys") if isinstance(attached, dict) else None
        for index, key in enumerate(keys if isinstance(keys, list) else (), 1):
            medium = media.get(_id(key), {})
            yield Told(
                post_id=_id(tweet.get("id")),
                text=_said(medium.get("alt_text")),
                key=_key(key),
                name=_named(medium.get("url")),
                index=index,
                place=place,
            )


def _flattened(entry: Entry, place: str) -> Iterator[Told]:
    """twarc's `flatten`: the media stand in the tweet."""
    for index, medium in enumerate(_listed(entry, "attachments", "media"), 1):
        yield Told(
            post_id=_id(entry.get("id")),
            text=_said(medium.get("alt_text")),
            key=_key(medium.get("media_key")),
            name=_named(medium.get("url")),
            index=index,
            place=place,
        )


_SHAPES: tuple[tuple[str, Callable[[Entry], bool], Callable[[Entry, str], Iterator[Told]]], ...] = (
    ("archive.alt-text.org", lambda e: "tweet_id" in e and "alt_text" in e, _alt_text_org),
    ("gallery-dl", lambda e: "tweet_id" in e and ("num" in e or "filename" in e), _gallery_dl),
    ("X API v2", lambda e: "includes" in e and "data" in e, _api_v2),
    ("twarc", lambda e: bool(_listed(e, "attachments", "media")), _flattened),
    (
        "twitter-web-exporter",
        lambda e: "id" in e and any("ext_alt_text" in medium for medium in _listed(e, "media")),
        _web_exporter,
    ),
    (
        "twarc (v1.1)",
        lambda e: "extended_entities" in e or "extended_entities" in (e.get("legacy") or ()),
        _api_v1,
    ),
)
