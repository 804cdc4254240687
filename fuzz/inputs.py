"""Turns a fuzzer's bytes into archives: a zip as it is, one member of a sound archive, or odd tweets."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import atheris

ACCOUNT = (
    b'window.YTD.account.part0 = [ {"account" : {"accountId" : "42", "username" : "figures",'
    b' "accountDisplayName" : "F"}} ]'
)
MEMBERS = (
    "data/tweets.js", "data/tweet.js", "data/note-tweet.js", "data/manifest.js", "data/account.js",
    "data/tweet-headers.js", "data/deleted-tweets.js", "data/community-tweet.js", "data/article.js",
    "data/js/tweets/2014_07.js", "data/js/user_details.js", "data/js/payload_details.js", "tweets.csv",
    "data/csv/2012_03.csv", "data/js/tweet_index.js",
)  # fmt: skip
NUMBERS = ("0", "3", "23", "-1", "99999999999999999999", "1.5", "", "x", "NaN")
URLS = (
    "https://t.co/abcdefghij", "https://example.org/a?utm_source=x&b=é", "http://",
    "https://twitter.com/figures/status/1500000000000000001",
    "https://x.com/i/web/status/7", "javascript:alert(1)", "https://[::1", "https://t.co/",
    "pic.twitter.com/x",
)  # fmt: skip


IDS = ("1500000000000000001", "1500000000000000002", "20", "29700859247", "x")
TIMES = ("Sun Mar 06 00:00:00 +0000 2022", "Sat Dec 23 06:51:52 +0000 2006", "", "x")
TEXTS = (
    "@figures ", "@other", "RT @other: ", "#tag", "＃tag", "&amp;", "&lt;", "&amp;lt;", "👨‍👩‍👧‍👦",
    "🇫🇷", "\u202e", "e\u0301" * 30, " ", "\n\n", "word " * 60, *URLS,
)  # fmt: skip


def fresh(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "data" / "js" / "tweets").mkdir(parents=True)
    (folder / "data" / "csv").mkdir()
    return folder


def zipped(folder: Path, data: bytes) -> Path:
    target = folder.with_suffix(".zip")
    target.write_bytes(data)
    return target


def member(folder: Path, data: bytes) -> Path:
    """The first byte names the member, the others are its content; the account is sound."""
    archive = fresh(folder)
    name = MEMBERS[data[0] % len(MEMBERS)] if data else MEMBERS[0]
    if not name.endswith("account.js") and "js/" not in name:
        (archive / "data" / "account.js").write_bytes(ACCOUNT)
    (archive / name).write_bytes(data[1:])
    return archive


def tweets(folder: Path, data: bytes) -> Path:
    provider = atheris.FuzzedDataProvider(data)
    records = [{"tweet": tweet(provider)} for _ in range(provider.ConsumeIntInRange(1, 3))]
    archive = fresh(folder)
    (archive / "data" / "account.js").write_bytes(ACCOUNT)
    text = "window.YTD.tweets.part0 = " + json.dumps(records)
    (archive / "data" / "tweets.js").write_text(text, encoding="utf-8")
    return archive


def tweet(provider: Any) -> dict[str, Any]:
    text = words(provider)
    post: dict[str, Any] = {
        "id_str": provider.PickValueInList(list(IDS)),
        "created_at": provider.PickValueInList(list(TIMES)),
        "full_text": text,
        "favorite_count": provider.PickValueInList(list(NUMBERS)),
        "lang": provider.PickValueInList(["fr", "iw", "in", "und", "qme", "zz-ZZ", ""]),
        "entities": entities(provider, text),
    }  # fmt: skip
    if provider.ConsumeBool():
        post["in_reply_to_status_id_str"] = provider.PickValueInList(["1500000000000000001", "1", ""])
        post["in_reply_to_user_id_str"] = provider.PickValueInList(["42", "43"])
    if provider.ConsumeBool():
        media = [medium(provider, text) for _ in range(provider.ConsumeIntInRange(0, 5))]
        post["extended_entities"] = {"media": media}
        post["entities"]["media"] = media[:1]
    if provider.ConsumeBool():
        post["possibly_sensitive"] = provider.ConsumeBool()
        post["edit_info"] = {"initial": {"editTweetIds": [post["id_str"], "1500000000000000002"]}}
    return post


def words(provider: Any) -> str:
    """Text between things that have a meaning: mentions, tags, links, escapes, joined emoji."""
    pieces = []
    for _ in range(provider.ConsumeIntInRange(0, 12)):
        if provider.ConsumeBool():
            pieces.append(provider.ConsumeUnicode(provider.ConsumeIntInRange(0, 40)))
        else:
            pieces.append(provider.PickValueInList(list(TEXTS)))
    return "".join(pieces)


def indices(provider: Any, text: str) -> list[str]:
    if provider.ConsumeBool():
        start = provider.ConsumeIntInRange(0, max(0, len(text)))
        return [str(start), str(start + provider.ConsumeIntInRange(0, 30))]
    return [provider.PickValueInList(list(NUMBERS)) for _ in range(provider.ConsumeIntInRange(0, 3))]


def entities(provider: Any, text: str) -> dict[str, Any]:
    found: dict[str, Any] = {"urls": [], "user_mentions": [], "hashtags": [], "symbols": []}
    for _ in range(provider.ConsumeIntInRange(0, 4)):
        found["urls"].append(
            {
                "url": provider.PickValueInList(list(URLS)),
                "expanded_url": provider.PickValueInList(list(URLS)),
                "indices": exact(provider, text, URLS[0]),
            }
        )
        found["user_mentions"].append(
            {"screen_name": "other", "id_str": "7", "indices": exact(provider, text, "@other")}
        )
        found["hashtags"].append({"text": "tag", "indices": exact(provider, text, "#tag")})
    return found


def exact(provider: Any, text: str, literal: str) -> list[str]:
    """Mostly where the literal stands, so that spans are made; else anything."""
    at = text.find(literal)
    if at >= 0 and not provider.ConsumeBool():
        return [str(at), str(at + len(literal))]
    return indices(provider, text)


def medium(provider: Any, text: str) -> dict[str, Any]:
    return {
        "url": URLS[0],
        "media_url_https": provider.PickValueInList(["https://pbs.twimg.com/media/Abc.jpg", "x", ""]),
        "type": provider.PickValueInList(["photo", "video", "animated_gif", "hologram"]),
        "indices": exact(provider, text, URLS[0]),
        "sizes": {"large": {"w": provider.PickValueInList(list(NUMBERS)), "h": "9"}},
        "video_info": {
            "variants": [
                {
                    "bitrate": provider.PickValueInList(list(NUMBERS)),
                    "content_type": "video/mp4",
                    "url": "https://video.twimg.com/a/b.mp4?tag=1",
                }
            ]
        },
    }


SHAPES = {"zip": zipped, "member": member, "tweets": tweets}
