"""Puts the museum's posts into the files of an archive of 2024, and those into a zip with fixed dates."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from typing import Any

from benchmarks.sample.attached import Maker, attachments
from benchmarks.sample.draw import picture
from benchmarks.sample.notes import beginning, note
from benchmarks.sample.script import Entry, entries
from benchmarks.sample.wire import (
    HANDLE,
    NAME,
    OLD_HANDLE,
    OWNER_ID,
    RENAMED,
    Museum,
    classic,
    moment,
    tweet,
    tweet_id,
)

MADE = (2024, 10, 21, 6, 15, 26)  # date of every member: a zip that repeats
CANARY = "CANARY-7f3a91: whoever reads this has opened a private file"
STORED = (".jpg", ".png", ".mp4")
Files = dict[str, list[dict[str, Any]]]
README = """This is an invented archive of an invented museum, laid out as Twitter laid out archives in 2024.
It is made by the script in benchmarks/sample and may be copied freely.
"""


def pretty(value: Any) -> str:
    """JSON in the spacing of the real files: ` : ` after a key, `[ ]` for nothing."""
    text = json.dumps(value, indent=2, separators=(",", " : "), ensure_ascii=False)
    return re.sub(r"(?<= : )\[\](?=,?\n)", "[ ]", re.sub(r"(?<= : )\{\}(?=,?\n)", "{ }", text))


def member_of(entry: Entry) -> tuple[str, str]:
    """The type of the file that holds the entry, and its media folder."""
    for fact, name, folder in (
        ("circle", "twitter_circle_tweet", "twitter_circle_tweet_media"),
        ("community", "community_tweet", "community_tweet_media"),
        ("deleted", "deleted_tweets", "deleted_tweets_media"),
    ):
        if fact in entry.facts:
            return name, folder
    return "tweets", "tweets_media"


def posts(script: list[Entry]) -> tuple[Files, dict[str, Maker]]:
    """Records by type, newest first but for three strays at the end, and what draws the media files."""
    museum, files, media = Museum(script), {}, {}  # type: Museum, Files, dict[str, Maker]
    for entry in reversed(script):
        kind, folder = member_of(entry)
        objects = []
        for item, name, content in attachments(entry):
            objects.append(item)
            if content is not None:
                media[f"data/{folder}/{name}"] = content
        text = beginning(entry) if "note" in entry.facts else None
        record = tweet(museum, entry, objects, text)
        if kind == "community_tweet":
            record |= {
                "community_id": "1601841656147345410",
                "community_id_str": "1601841656147345410",
                "scopes": {"followers": False},
            }
        if kind == "deleted_tweets":
            record["deleted_at"] = "Sun Oct 20 08:03:11 +0000 2024"
        files.setdefault(kind, []).append({"tweet": record})
        if "note" in entry.facts:
            files.setdefault("note_tweet", []).append({"noteTweet": note(entry)})
    tweets = files["tweets"]
    files["tweets"] = tweets[:40] + tweets[43:] + tweets[40:43]
    return files, media


def headers(script: list[Entry], kind: str) -> list[dict[str, Any]]:
    return [
        {"tweet": {"tweet_id": tweet_id(entry), "user_id": OWNER_ID, "created_at": classic(moment(entry))}}
        for entry in reversed(script)
        if member_of(entry)[0] == kind
    ]


def private_files() -> Files:
    """What a reader has no business to open; each says so."""
    message = {"recipientId": OWNER_ID, "text": CANARY, "senderId": "20000001", "id": "1"}
    like = {
        "tweetId": "740000000000000001",
        "fullText": CANARY,
        "expandedUrl": "https://twitter.com/i/web/status/1",
    }
    return {
        "direct_messages": [
            {
                "dmConversation": {
                    "conversationId": f"{OWNER_ID}-20000001",
                    "messages": [{"messageCreate": message | {"createdAt": "2016-06-03T20:00:00.000Z"}}],
                }
            }
        ],
        "ip_audit": [
            {"ipAudit": {"accountId": OWNER_ID, "createdAt": "2024-10-20T08:00:00.000Z", "loginIp": CANARY}}
        ],
        "like": [{"like": like}],
    }


def account_files() -> Files:
    account = {
        "email": "musee@musee-passerelle.example",
        "createdVia": "web",
        "username": HANDLE,
        "accountId": OWNER_ID,
        "createdAt": "2010-04-12T08:41:03.000Z",
        "accountDisplayName": NAME,
    }
    description = {
        "bio": "Petit musée des traversées. Un pont, un jardin, un chat. / A small museum of crossings.",
        "website": "https://t.co/pAsSeReLlE",
        "location": "Sonnant-sur-Rive",
    }
    profile = {
        "description": description,
        "avatarMediaUrl": "https://pbs.twimg.com/profile_images/1290000000000000001/pAsSeRlL.jpg",
        "headerMediaUrl": f"https://pbs.twimg.com/profile_banners/{OWNER_ID}/1396260000",
    }
    change = {
        "changedAt": RENAMED.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "changedFrom": OLD_HANDLE,
        "changedTo": HANDLE,
    }
    return {
        "account": [{"account": account}],
        "profile": [{"profile": profile}],
        "screen_name_change": [{"screenNameChange": {"accountId": OWNER_ID, "screenNameChange": change}}],
        "deleted_note_tweet": [],
        "article": [],
        "article_metadata": [],
        "moment": [],
    }


def file_name(kind: str) -> str:
    return f"data/{kind.replace('_', '-')}.js"


def script_of(kind: str, records: list[dict[str, Any]]) -> bytes:
    return f"window.YTD.{kind}.part0 = {pretty(records) if records else '[ ]'}".encode()


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def manifest(files: Files, size: int) -> str:
    kinds: dict[str, Any] = {}
    for path, records in sorted(files.items()):
        name = path.removeprefix("data/").removesuffix(".js").replace("-", "_")
        kinds[camel(name)] = {
            "files": [{"fileName": path, "globalName": f"YTD.{name}.part0", "count": str(len(records))}]
        }
    for kind, folder in (
        ("tweets", "tweets_media"),
        ("communityTweet", "community_tweet_media"),
        ("profile", "profile_media"),
    ):
        kinds[kind] = {"mediaDirectory": f"data/{folder}"} | kinds[kind]
        kinds[f"{kind}Media"] = {"mediaDirectory": f"data/{folder}"}
    return "window.__THAR_CONFIG = " + pretty(
        {
            "userInfo": {"accountId": OWNER_ID, "userName": HANDLE, "displayName": NAME},
            "archiveInfo": {"sizeBytes": str(size), "generationDate": "2024-10-21T06:15:27.318Z",
                            "isPartialArchive": False, "maxPartSizeBytes": "53687091200"},
            "readmeInfo": {"fileName": "data/README.txt", "directory": "data/", "name": "README.txt"},
            "dataTypes": kinds,
        }
    )  # fmt: skip


def texts(script: list[Entry], files: Files) -> dict[str, bytes]:
    """Every JavaScript file but the manifest."""
    files = files | account_files() | private_files()
    files["tweet_headers"] = headers(script, "tweets")
    files["deleted_tweet_headers"] = headers(script, "deleted_tweets")
    return {file_name(name): script_of(name, records) for name, records in files.items()}


def members() -> Iterator[tuple[str, bytes]]:
    """Every file of the archive in the order in which it is packed."""
    script = entries()
    files, makers = posts(script)
    written = texts(script, files)
    media = {name: make() for name, make in makers.items()}
    media["data/profile_media/132087457-pAsSeRlL.jpg"] = picture("object", "cat", "avatar", "jpg")
    media["data/profile_media/132087457-1396260000.jpg"] = picture("banner", "dawn", "header", "jpg")
    size = sum(map(len, written.values())) + sum(map(len, media.values()))
    counts = {name: json.loads(body.partition(b" = ")[2]) for name, body in written.items()}
    written |= {"data/manifest.js": manifest(counts, size).encode(), "data/README.txt": README.encode()}
    written["Your archive.html"] = b"<!doctype html><title>Your archive</title><p>An invented archive.</p>\n"
    yield from sorted(written.items())
    yield from sorted(media.items())


def pack(content: Iterable[tuple[str, bytes]]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        for name, body in content:
            info = zipfile.ZipInfo(name, MADE)
            info.external_attr = 0o644 << 16
            info.create_system = 3
            info.compress_type = zipfile.ZIP_STORED if name.endswith(STORED) else zipfile.ZIP_DEFLATED
            packed.writestr(info, body, compresslevel=9)
    return out.getvalue()
