"""Invented Twitter archives of every era, built in memory: for any test that needs one.

A file set is a dict of member name -> text; `write_zip` and `write_folder` put it on disk.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

OWNER_ID = "4242"
HANDLE = "museum_demo"
NAME = "Musée de démonstration"
_SNOWFLAKE_EPOCH = 1288834974657

Files = dict[str, str | bytes]
Tweet = dict[str, Any]


def snowflake(moment: datetime, sequence: int = 0) -> str:
    return str(((int(moment.timestamp() * 1000) - _SNOWFLAKE_EPOCH) << 22) + sequence)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def day(number: int, sequence: int = 0) -> str:
    """The id of a tweet of the `number`-th day of 2015."""
    return snowflake(datetime.fromtimestamp(1420113600 + number * 86400, UTC), sequence)


def _spot(text: str, said: str) -> list[int]:
    start = text.index(said)
    return [start, start + len(said)]


def entities(
    text: str,
    *,
    urls: Mapping[str, str] | None = None,
    mentions: Mapping[str, str] | None = None,
    tags: Iterable[str] = (),
) -> dict[str, Any]:
    """Entities with their indices found in `text`; mentions as name -> id."""
    return {
        "urls": [
            {"url": short, "expanded_url": full, "display_url": full[8:30], "indices": _spot(text, short)}
            for short, full in (urls or {}).items()
        ],
        "user_mentions": [
            {
                "screen_name": name,
                "name": name.title(),
                "id_str": number,
                "id": number,
                "indices": _spot(text, f"@{name}"),
            }
            for name, number in (mentions or {}).items()
        ],
        "hashtags": [{"text": tag, "indices": _spot(text, f"#{tag}")} for tag in tags],
        "symbols": [],
    }


def photo(tweet_id: str, text: str, short: str, *, name: str = "Fabc.jpg", **more: Any) -> dict[str, Any]:
    number = str(int(tweet_id) - 1)
    return {
        "id_str": number,
        "id": number,
        "url": short,
        "indices": _spot(text, short),
        "media_url": f"http://pbs.twimg.com/media/{name}",
        "media_url_https": f"https://pbs.twimg.com/media/{name}",
        "expanded_url": f"https://twitter.com/{HANDLE}/status/{tweet_id}/photo/1",
        "display_url": "pic.twitter.com/abc",
        "sizes": {"large": {"w": 1200, "h": 800, "resize": "fit"}},
        "type": "photo",
        **more,
    }


def film(tweet_id: str, text: str, short: str, *, kind: str = "video") -> dict[str, Any]:
    host = "https://video.twimg.com"
    variants = [
        {"content_type": "application/x-mpegURL", "url": f"{host}/pl/list.m3u8"},
        {"content_type": "video/mp4", "bitrate": "256000", "url": f"{host}/low.mp4?tag=12"},
        {"content_type": "video/mp4", "bitrate": "2176000", "url": f"{host}/best.mp4?tag=12"},
    ]
    info = {"duration_millis": "12000", "aspect_ratio": ["16", "9"], "variants": variants}
    return photo(tweet_id, text, short, name="poster.jpg", type=kind, video_info=info)


def y_tweet(number: str, text: str, **more: Any) -> Tweet:
    """A tweet of the archives since 2018; numbers become strings when it is written."""
    moment = datetime.fromtimestamp(((int(number) >> 22) + _SNOWFLAKE_EPOCH) / 1000, UTC)
    tweet = {
        "id": number,
        "id_str": number,
        "created_at": moment.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "full_text": text,
        "entities": entities(text),
        "display_text_range": [0, len(text)],
        "favorite_count": 3,
        "retweet_count": 1,
        "favorited": False,
        "retweeted": False,
        "truncated": False,
        "source": '<a href="https://example.org" rel="nofollow">Demo Client</a>',
        "lang": "en",
        **more,
    }
    media = tweet.pop("media", None)
    if media:
        tweet["entities"] = {**tweet["entities"], "media": media[:1]}
        tweet["extended_entities"] = {"media": media}
    return tweet


def answering(parent: str, user: str = OWNER_ID, name: str = HANDLE) -> Tweet:
    return {
        "in_reply_to_status_id": parent,
        "in_reply_to_status_id_str": parent,
        "in_reply_to_user_id": user,
        "in_reply_to_user_id_str": user,
        "in_reply_to_screen_name": name,
    }


def edited(*ids: str, version: int = 0) -> Tweet:
    control = {"editTweetIds": list(ids), "editableUntil": "2023-01-01T00:00:00.000Z"}
    if version == 0:
        return {"edit_info": {"initial": control}}
    return {"edit_info": {"edit": {"initialTweetId": ids[0], "editControlInitial": control}}}


def stringly(value: Any) -> Any:
    """Numbers as strings, booleans as they are: the way of the Y archives."""
    if isinstance(value, dict):
        return {key: stringly(each) for key, each in value.items()}
    if isinstance(value, list):
        return [stringly(each) for each in value]
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def script(name: str, items: Any) -> str:
    """A data file, pretty-printed as Twitter does."""
    return f"{name} = " + json.dumps(items, indent=2, ensure_ascii=False, separators=(",", " : "))


def ytd(kind: str, items: Iterable[Any], part: int = 0) -> str:
    return script(f"window.YTD.{kind}.part{part}", list(items))


def wrapped(tweets: Iterable[Tweet]) -> list[Any]:
    return [{"tweet": stringly(tweet)} for tweet in tweets]


def manifest(counts: Mapping[str, tuple[str, int]], *, made: str, owner: str = OWNER_ID) -> str:
    """`counts`: type -> (file name, count)."""
    types = {
        kind: {"files": [{"fileName": name, "globalName": f"YTD.{kind}.part0", "count": str(count)}]}
        for kind, (name, count) in counts.items()
    }
    return script(
        "window.__THAR_CONFIG",
        {
            "userInfo": {"accountId": owner, "userName": HANDLE, "displayName": NAME},
            "archiveInfo": {"sizeBytes": "1", "generationDate": made, "isPartialArchive": False},
            "dataTypes": types,
        },
    )


def account(owner: str = OWNER_ID) -> str:
    item = {"accountId": owner, "username": HANDLE, "accountDisplayName": NAME, "email": "a@example.org"}
    return ytd("account", [{"account": item}])


def y2(
    tweets: Iterable[Tweet], *, made: str = "2023-01-05T10:00:00.000Z", owner: str = OWNER_ID, **files: str
) -> Files:
    """An archive since October 2022; `files` adds or replaces members of `data/`, `_` standing for `-`."""
    tweets = list(tweets)
    members: Files = {
        "Your archive.html": "<html></html>",
        "data/manifest.js": manifest({"tweets": ("data/tweets.js", len(tweets))}, made=made, owner=owner),
        "data/account.js": account(owner),
        "data/tweets.js": ytd("tweets", wrapped(tweets)),
    }
    members.update({f"data/{name.replace('_', '-')}.js": text for name, text in files.items()})
    return members


def y1(tweets: Iterable[Tweet], *, made: str = "2021-03-05T10:00:00.000Z") -> Files:
    tweets = list(tweets)
    return {
        "data/manifest.js": manifest({"tweet": ("data/tweet.js", len(tweets))}, made=made),
        "data/account.js": account(),
        "data/tweet.js": "window.YTD.tweet.part0 = [ "
        + ", ".join(json.dumps(item, indent=2, ensure_ascii=False) for item in wrapped(tweets))
        + " ]",
    }


def y0(tweets: Iterable[Tweet]) -> Files:
    """Flat, without wrapper and manifest."""
    return {"account.js": account(), "tweet.js": ytd("tweet", [stringly(tweet) for tweet in tweets])}


def g_tweet(number: str, text: str, created_at: str, **more: Any) -> Tweet:
    """A tweet of the archives of 2012-2019; G2 dates look like `2018-06-18 16:45:30 +0000`."""
    return {
        "source": '<a href="https://example.org" rel="nofollow">Demo Client</a>',
        "entities": {key: each for key, each in entities(text).items() if key != "symbols"} | {"media": []},
        "geo": {},
        "id_str": number,
        "id": int(number),
        "text": text,
        "created_at": created_at,
        "user": {"name": NAME, "screen_name": HANDLE, "id_str": OWNER_ID, "id": int(OWNER_ID)},
        **more,
    }


def grailbird(
    months: Mapping[str, Iterable[Tweet]], *, csv: str | None = None, made: str = "2018-07-01 00:00:00 +0000"
) -> Files:
    """G1, G2 or GU, by what the tweets look like; months as `2018_06`."""
    members: Files = {
        "data/js/user_details.js": script(
            "var user_details", {"screen_name": HANDLE, "full_name": NAME, "id": OWNER_ID}
        ),
        "data/js/payload_details.js": script("var payload_details", {"tweets": 1, "created_at": made}),
    }
    for month, tweets in months.items():
        body = json.dumps(list(tweets), indent=1).replace("/", "\\/").replace("<", "\\u003C")
        members[f"data/js/tweets/{month}.js"] = f"Grailbird.data.tweets_{month} = \n {body}"
    if csv is not None:
        members["tweets.csv"] = csv
    return members


def write_zip(path: Path, files: Files, *, prefix: str = "") -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(prefix + name, text)
    return path


def write_folder(path: Path, files: Files) -> Path:
    for name, text in files.items():
        file = path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path
