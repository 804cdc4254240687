"""Where the old network keeps a medium that an archive lacks, the best version first. Pure.

Source: twitter-formats §8. Only the network's own two hosts are ever asked.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from bridge.posts import Media, MediaType, Variant

PICTURES, FILMS = "pbs.twimg.com", "video.twimg.com"
_SIZES = ("orig", "4096x4096", "large")
_KNOWN = frozenset({"jpg", "jpeg", "png", "webp", "gif"})


def addresses(medium: Media) -> list[str]:
    """All of them by https; none for what has no address there."""
    if medium.type is MediaType.IMAGE:
        return list(_pictures(medium.url or ""))
    films = [each for each in medium.variants if each.content_type.startswith("video/mp4")]
    films.sort(key=lambda each: each.bitrate or 0, reverse=True)
    return [url for each in films if (url := remote_film(each)) is not None]


def remote_film(version: Variant) -> str | None:
    """None: it lies elsewhere, and nobody is asked."""
    parts = urlsplit(version.url)
    return f"https://{FILMS}{parts.path}" if parts.hostname == FILMS else None


def file_name(post_id: str, url: str) -> str:
    """As archives name theirs: `<post>-<name>`, so that it is found by its beginning."""
    parts = urlsplit(url)
    base = parts.path.rpartition("/")[2]
    form = parse_qs(parts.query).get("format")
    return f"{post_id}-{base}.{form[0]}" if form else f"{post_id}-{base}"


def _pictures(url: str) -> Iterator[str]:
    parts = urlsplit(url)
    if parts.hostname != PICTURES:
        return
    stem, _, suffix = parts.path.partition(".")
    form = (parse_qs(parts.query).get("format") or [suffix.partition(":")[0]])[0].lower()
    if form not in _KNOWN:
        return
    if stem.startswith("/media/"):
        yield from (f"https://{PICTURES}{stem}?format={form}&name={size}" for size in _SIZES)
    else:
        yield f"https://{PICTURES}{parts.path.partition(':')[0]}"


def profile_picture(url: str) -> str | None:
    """Of an avatar or a banner, in its largest size; None for what is not on the network's own host."""
    parts = urlsplit(url)
    if parts.hostname != PICTURES:
        return None
    if parts.path.startswith("/profile_banners/"):
        return f"https://{PICTURES}{parts.path.rstrip('/')}/1500x500"
    return f"https://{PICTURES}{parts.path}" if parts.path.startswith("/profile_images/") else None
