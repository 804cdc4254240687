"""The media of an entry: their objects in the tweet, and the files that go into `tweets_media/`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

from benchmarks.sample.draw import picture, start
from benchmarks.sample.film import MILLISECONDS, film
from benchmarks.sample.script import Entry, Picture
from benchmarks.sample.wire import HANDLE, NAMES, foreign, moment, snowflake, tweet_id, user_id, word

SMALL = {"thumb": 150, "small": 680, "medium": 1200, "large": 2048}
PNG = {"plan", "map"}
Maker = Callable[[], bytes]


def sizes(width: int, height: int) -> dict[str, dict[str, str]]:
    fitted = {}
    for name, side in SMALL.items():
        if name == "thumb":
            fitted[name] = {"w": "150", "h": "150", "resize": "crop"}
            continue
        share = min(1.0, side / max(width, height))
        fitted[name] = {"w": str(round(width * share)), "h": str(round(height * share)), "resize": "fit"}
    return fitted


def still(entry: Entry, index: int, drawn: Picture) -> tuple[dict[str, Any], str, Maker]:
    suffix = "png" if drawn.subject in PNG else "jpg"
    chain = entry.facts.get("edit", entry.key)
    _, (width, height) = start(drawn.subject, drawn.word, f"{chain}.{index}")
    url = f"https://pbs.twimg.com/media/{word(chain, index, drawn.word, length=15)}.{suffix}"
    fields = {
        "media_url": url.replace("https", "http"),
        "media_url_https": url,
        "sizes": sizes(width, height),
    }
    make = partial(picture, drawn.subject, drawn.word, f"{chain}.{index}", suffix)
    return fields | {"type": "photo"}, url, make


def moving(entry: Entry, index: int, drawn: Picture) -> tuple[dict[str, Any], str, Maker]:
    length = MILLISECONDS[drawn.subject]
    name = word(entry.key, "film", length=15)
    if drawn.subject == "loop":
        url = f"https://video.twimg.com/tweet_video/{name}.mp4"
        video = {
            "aspect_ratio": ["16", "9"],
            "variants": [{"bitrate": "0", "content_type": "video/mp4", "url": url}],
        }
        poster, kind = f"https://pbs.twimg.com/tweet_video_thumb/{name}.jpg", "animated_gif"
    else:
        base = f"https://video.twimg.com/ext_tw_video/{media_id(entry, index)}/pu"
        url = f"{base}/vid/480x270/{name}.mp4?tag=10"
        variants = [
            {
                "bitrate": "256000",
                "content_type": "video/mp4",
                "url": f"{base}/vid/320x180/{word(name)}.mp4?tag=10",
            },
            {"content_type": "application/x-mpegURL", "url": f"{base}/pl/{word(name, 'pl')}.m3u8?tag=10"},
            {"bitrate": "832000", "content_type": "video/mp4", "url": url},
        ]
        video = {"aspect_ratio": ["16", "9"], "duration_millis": str(length), "variants": variants}
        poster = f"https://pbs.twimg.com/ext_tw_video_thumb/{media_id(entry, index)}/pu/img/{name}.jpg"
        kind = "video"
    fields = {
        "media_url": poster.replace("https", "http"),
        "media_url_https": poster,
        "sizes": sizes(480, 270),
    }
    return fields | {"type": kind, "video_info": video}, url, partial(film, drawn.subject)


def media_id(entry: Entry, index: int) -> str:
    return snowflake(moment(entry) - timedelta(seconds=9 - index), 1000 + index)


def attachments(entry: Entry) -> Iterator[tuple[dict[str, Any], str, Maker | None]]:
    """(object, file name, what draws it) of each; None: the archive lacks the file."""
    post_id, shared = tweet_id(entry), f"https://t.co/{word(entry.number, 'media')}"
    author, of = HANDLE, post_id
    if "rt" in entry.facts:
        author, of = entry.facts["rt"].removeprefix("@"), foreign(entry)
    host = "x.com" if entry.at.year >= 2024 else "twitter.com"
    for index, drawn in enumerate(entry.pictures):
        kind_of = moving if drawn.subject in {"film", "loop"} else still
        fields, url, content = kind_of(entry, index, drawn)
        kind = "photo" if fields["type"] == "photo" else "video"
        item = {
            "expanded_url": f"https://{host}/{author}/status/{of}/{kind}/{index + 1}",
            "url": shared,
            "id_str": media_id(entry, index),
            "id": media_id(entry, index),
            "display_url": f"pic.{host}/{shared[-10:]}",
        } | fields
        if "rt" in entry.facts and author in NAMES:
            item |= {
                "source_status_id": of,
                "source_status_id_str": of,
                "source_user_id": user_id(author),
                "source_user_id_str": user_id(author),
            }
        name = f"{post_id}-{url.split('?')[0].rsplit('/', 1)[1]}"
        yield item, name, None if drawn.missing else content
