"""Long posts: the whole text in `note-tweet.js`, a beginning of it in the tweet."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from benchmarks.sample.script import Entry
from benchmarks.sample.wire import moment, snowflake, user_id, word

PIECE = re.compile(
    r"\*\*(?P<bold>[^*]+)\*\*|\*(?P<italic>[^*]+)\*|(?P<url>https?://\S+)|@(?P<at>\w+)|(?<!\w)#(?P<tag>\w+)"
)
STYLES = {"bold": ("0", "Bold"), "italic": ("1", "Italic")}


def utf16(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def note(entry: Entry) -> dict[str, Any]:
    """The object below `"noteTweet"`: not escaped; links count code points, styles UTF-16 units."""
    source, text, done = entry.text.replace("{quote}", "").strip(), "", 0
    core: dict[str, list[dict[str, Any]]] = {
        "urls": [],
        "mentions": [],
        "hashtags": [],
        "cashtags": [],
        "styletags": [],
    }
    for match in PIECE.finditer(source):
        text += source[done : match.start()]
        done, start = match.end(), len(text)
        kind, said = match.lastgroup or "", match[match.lastgroup or 0]
        shown = {
            "url": f"https://t.co/{word(entry.number, 'note', said)}",
            "at": f"@{said}",
            "tag": f"#{said}",
        }.get(kind, said)
        units = utf16(text)
        text += shown
        where = {"fromIndex": str(start), "toIndex": str(len(text))}
        if kind == "url":
            core["urls"].append(
                {"shortUrl": shown, "expandedUrl": said, "displayUrl": said[8:34] + "…"} | where
            )
        elif kind == "at":
            core["mentions"].append({"screenName": said, "userId": user_id(said)} | where)
        elif kind == "tag":
            core["hashtags"].append({"text": said} | where)
        else:
            value, name = STYLES[kind]
            core["styletags"].append(
                {
                    "styleTypes": [{"value": value, "name": name}],
                    "fromIndex": str(units),
                    "toIndex": str(units + utf16(shown)),
                }
            )
    text += source[done:]
    at = moment(entry) - timedelta(milliseconds=13 + entry.number % 28)
    stamp = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {
        "noteTweetId": snowflake(at, 11),
        "updatedAt": stamp,
        "lifecycle": {"value": "1", "name": "Active", "originalName": "Active", "annotations": {}},
        "createdAt": stamp,
        "core": {"styletags": core["styletags"], "urls": core["urls"], "text": text}
        | {key: core[key] for key in ("mentions", "cashtags", "hashtags")},
    }  # fmt: skip


def beginning(entry: Entry) -> str:
    """What the tweet itself shows: at most 275 characters, cut at a word, and the quoted post's link."""
    plain = entry.text.replace("{quote}", "").replace("*", "").strip()
    cut = plain[:275].rsplit(" ", 1)[0].rstrip(" .,;:") + "…"
    return cut + (" {quote}" if "{quote}" in entry.text else "")
