"""Makes archives of any size in the layout of 2022 and later: `python -m benchmarks.generate 100000 big.zip`.

Pretty-printed as the network did it, in parts of 100 MiB, one post in 200 a note, one in seven with media;
streamed, so a million posts need no memory. Only the first `MEDIA_FILES` media have their file: readers hold
a zip's directory in memory, and it would hide what the posts cost.
"""

from __future__ import annotations

import argparse
import random
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.tweets import HANDLE, OWNER, Tweets

PART_BYTES = 100 << 20  # where the network cut the file of an account with many posts
MEDIA_FILES = 2_000
CHUNK = 256
JPEG = bytes.fromhex(
    "ffd8ffe000104a46494600010100000100010000ffdb004300ffffffffffffffffffffffffffffffffffffffffffffffffffff"
    "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffc0000b080001000101011100"
    "ffc40014000100000000000000000000000000000003ffc40014100100000000000000000000000000000000ffda0008010100"
    "003f0047ffd9"
)


def batches(records: Iterator[str]) -> Iterator[list[str]]:
    batch: list[str] = []
    for record in records:
        batch.append(record)
        if len(batch) == CHUNK:
            yield batch
            batch = []
    if batch:
        yield batch


def write_parts(packed: zipfile.ZipFile, kind: str, records: Iterator[str], part_bytes: int) -> list[int]:
    """Writes `kind.js`, `kind-part1.js`, ...; the number of records in each."""
    counts: list[int] = []
    pending = batches(records)
    batch: list[str] | None = next(pending, [])
    while batch is not None:
        part, written, count = len(counts), 0, 0
        suffix = f"-part{part}" if part else ""
        with packed.open(f"data/{kind.replace('_', '-')}{suffix}.js", "w", force_zip64=True) as member:
            member.write(f"window.YTD.{kind}.part{part} = [".encode())
            while batch is not None and written < part_bytes:
                text = ",".join(batch).encode()
                member.write((b"," if count else b"") + text)
                written, count = written + len(text), count + len(batch)
                batch = next(pending, None)
            member.write(b"\n]" if count else b" ]")
        counts.append(count)
    return counts


def entry(kind: str, part: int, count: int) -> str:
    suffix = f"-part{part}" if part else ""
    name = f"data/{kind.replace('_', '-')}{suffix}.js"
    return f"""{{
        "fileName" : "{name}",
        "globalName" : "YTD.{kind}.part{part}",
        "count" : "{count}"
      }}"""


def manifest(counts: dict[str, list[int]]) -> str:
    names = {
        "tweets": "tweets",
        "tweet_headers": "tweetHeaders",
        "note_tweet": "noteTweet",
        "account": "account",
    }
    types = ",\n    ".join(
        f'"{names[kind]}" : {{\n      "files" : [ '
        + ", ".join(entry(kind, part, count) for part, count in enumerate(parts))
        + " ]\n    }"
        for kind, parts in counts.items()
    )
    return f"""window.__THAR_CONFIG = {{
  "userInfo" : {{
    "accountId" : "{OWNER}",
    "userName" : "{HANDLE}",
    "displayName" : "Figures"
  }},
  "archiveInfo" : {{
    "sizeBytes" : "0",
    "generationDate" : "2024-10-21T06:15:27.318Z",
    "isPartialArchive" : false,
    "maxPartSizeBytes" : "53687091200"
  }},
  "dataTypes" : {{
    {types}
  }}
}}
"""


ACCOUNT = f"""window.YTD.account.part0 = [
  {{
    "account" : {{
      "email" : "figures@example.invalid",
      "createdVia" : "web",
      "username" : "{HANDLE}",
      "accountId" : "{OWNER}",
      "createdAt" : "2012-01-01T00:00:00.000Z",
      "accountDisplayName" : "Figures"
    }}
  }}
]
"""


def write_archive(
    target: Path,
    posts: int,
    *,
    plain: bool = False,
    part_bytes: int = PART_BYTES,
    media_files: int = MEDIA_FILES,
) -> None:
    """`plain` posts are originals and threads without media: what a throughput figure needs."""
    tweets = Tweets(posts, random.Random(posts), plain=plain)
    unfinished = target.with_suffix(".part")
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as packed:
        counts = {"tweets": write_parts(packed, "tweets", tweets.newest_first(), part_bytes)}
        counts["tweet_headers"] = write_parts(packed, "tweet_headers", tweets.headers(), part_bytes)
        counts["note_tweet"] = write_parts(packed, "note_tweet", iter(tweets.notes), part_bytes)
        packed.writestr("data/account.js", ACCOUNT)
        packed.writestr("data/manifest.js", manifest(counts | {"account": [1]}))
        for name in tweets.files[:media_files]:
            packed.writestr(zipfile.ZipInfo(f"data/tweets_media/{name}"), JPEG)
    unfinished.rename(target)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("posts", type=int)
    parser.add_argument("target", type=Path)
    parser.add_argument("--plain", action="store_true", help="originals and threads without media")
    parser.add_argument("--part-bytes", type=int, default=PART_BYTES)
    parser.add_argument("--media-files", type=int, default=MEDIA_FILES)
    given = parser.parse_args()
    write_archive(
        given.target,
        given.posts,
        plain=given.plain,
        part_bytes=given.part_bytes,
        media_files=given.media_files,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
