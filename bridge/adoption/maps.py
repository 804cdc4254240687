"""Which map a file is: told by its content, never by its name."""

from __future__ import annotations

import json
from pathlib import Path

from bridge.adoption import documents, tables
from bridge.adoption.told import Told
from bridge.errors import SourceError

UNDERSTOOD = (
    "Understood are: posts.json of pleroma-bot; a database or CSV export of moa (`mapping`) and of"
    " mastodon-twitter-poster (`statuses`); post_cache.json of mastodon-twitter-sync; the cache of"
    " touitomamout; tweets_mapping.json; a JSON object of tweet ids and status ids; and a CSV file"
    " `tweet_id,status_id`."
)

_LARGEST = 1_000_000_000
_SQLITE = b"SQLite format 3\0"
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}


def read_map(path: Path) -> Told:
    """What the file says. Raises SourceError when it cannot be read, or says nothing that is understood."""
    try:
        head = _head(path)
        if head.startswith(_SQLITE):
            told = tables.from_sqlite(path)
        else:
            told = _from_text(path, _decoded(path, path.read_bytes()))
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror or error}.") from error
    if told is None:
        raise SourceError(f"{path} is no map of carried posts that is known here.", hint=UNDERSTOOD)
    if not (told.carried or told.texts):
        why = f" {told.notes[0]}" if told.notes else ""
        raise SourceError(f"{path} ({told.tool}) names no post that was carried.{why}")
    return told


def _head(path: Path) -> bytes:
    if path.is_dir():
        raise SourceError(f"{path} is a folder.", hint="Name the file in it that the other tool has written.")
    if path.stat().st_size > _LARGEST:
        raise SourceError(f"{path} is larger than a map of posts would be.", hint=UNDERSTOOD)
    with path.open("rb") as stream:
        return stream.read(len(_SQLITE))


def _decoded(path: Path, content: bytes) -> str:
    encoding = next((name for mark, name in _MARKS.items() if content.startswith(mark)), "utf-8")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        text = "" if b"\0" in content else content.decode("cp1252", errors="replace")
    if content and not text:
        raise SourceError(f"{path} is no map of carried posts that is known here.", hint=UNDERSTOOD)
    if not text.strip():
        raise SourceError(f"{path} is empty: the other tool has noted nothing in it.")
    return text


def _from_text(path: Path, text: str) -> Told | None:
    text = text.strip()
    if text[0] not in "{[":
        return tables.from_csv(path, text)
    try:
        document, end = json.JSONDecoder(parse_float=str).raw_decode(text)
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno}" if isinstance(error, json.JSONDecodeError) else "its structure"
        raise SourceError(
            f"{path} looks like JSON and cannot be read as such ({where}).",
            hint="Was it cut off, or edited? Take the file as the other tool has written it.",
        ) from error
    left = len(text[end:].strip())
    notes = (f"Its end ({left} characters, left over from an older version) was not read.",) if left else ()
    return documents.from_document(path, document, notes=notes)
