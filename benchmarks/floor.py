"""What an import cannot do without, and what plain programs do: `python -m benchmarks.floor WAY ZIP DB`.

floor        inflate, cut into items, decode the needed fields with msgspec, one `executemany` into SQLite
floor-text   the same, but only id, time, parent and text are stored
json, orjson read a whole file, then decode it; nothing is stored
"""

from __future__ import annotations

import json
import sqlite3
import sys
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

import msgspec

CUT = b"\n  },\n  {"
CHUNK = 1 << 18


class Url(msgspec.Struct):
    url: str
    expanded_url: str
    indices: list[int]


class Mention(msgspec.Struct):
    screen_name: str
    id_str: str
    indices: list[int]


class Hashtag(msgspec.Struct):
    text: str
    indices: list[int]


class Medium(msgspec.Struct):
    id_str: str
    url: str
    media_url_https: str
    type: str
    indices: list[int]


class Entities(msgspec.Struct):
    urls: list[Url] = []
    user_mentions: list[Mention] = []
    hashtags: list[Hashtag] = []


class Media(msgspec.Struct):
    media: list[Medium] = []


class Tweet(msgspec.Struct):
    id_str: str
    created_at: str
    full_text: str
    lang: str
    favorite_count: int
    retweet_count: int
    entities: Entities
    edit_info: msgspec.Raw
    source: str
    possibly_sensitive: bool = False
    extended_entities: Media | None = None
    in_reply_to_status_id_str: str | None = None
    in_reply_to_user_id_str: str | None = None
    in_reply_to_screen_name: str | None = None


class Item(msgspec.Struct):
    tweet: Tweet


def items(stream: BinaryIO) -> Iterator[bytes]:
    """The pretty-printed items of a file; relies on its layout, which a real reader may not."""
    kept = b""
    while chunk := stream.read(CHUNK):
        pieces = (kept + chunk).split(CUT)
        kept = pieces.pop()
        yield from pieces
    yield kept


def tweets(archive: zipfile.ZipFile) -> Iterator[Tweet]:
    decode = msgspec.json.Decoder(Item, strict=False).decode
    for name in sorted(
        name for name in archive.namelist() if name.startswith("data/tweets") and name.endswith(".js")
    ):
        with archive.open(name) as stream:
            for piece in items(stream):
                body = piece.rpartition(b"= [\n  {")[2] if piece.startswith(b"window.") else piece
                yield decode(b"{" + body.removesuffix(b"\n]").removesuffix(b"\n  }") + b"}").tweet


def floor(archive: zipfile.ZipFile, target: str, *, whole: bool) -> int:
    base = sqlite3.connect(target)
    base.execute("CREATE TABLE posts (id TEXT PRIMARY KEY, created_at TEXT, reply_to TEXT, body BLOB)")
    encode = msgspec.json.Encoder().encode
    rows = (
        (
            tweet.id_str,
            tweet.created_at,
            tweet.in_reply_to_status_id_str,
            encode(tweet) if whole else tweet.full_text,
        )
        for tweet in tweets(archive)
    )
    with base:
        base.executemany("INSERT INTO posts VALUES (?, ?, ?, ?)", rows)
    return int(base.execute("SELECT count(*) FROM posts").fetchone()[0])


def whole_files(archive: zipfile.ZipFile, way: str) -> int:
    if way == "orjson":
        import orjson

        loads = orjson.loads
    else:
        loads = json.loads
    found = []
    for name in archive.namelist():
        if name.startswith("data/tweets") and name.endswith(".js"):
            text = archive.read(name)
            found.append(loads(text[text.index(b"[") :]))
    return sum(map(len, found))


def main() -> int:
    way, source, target = sys.argv[1:4]
    with zipfile.ZipFile(source) as archive:
        if way.startswith("floor"):
            print(floor(archive, target, whole=way == "floor"))
        else:
            print(whole_files(archive, way))
    return 0


if __name__ == "__main__":
    sys.exit(main())
