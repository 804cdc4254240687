"""Facts per server software, as `Limits`; what an instance says of itself corrects them in `servers`.

Sources: the server rules (§1-§4, read in the servers' code) and the loopback measurements of real servers.
A fact that nobody has verified keeps the conservative default.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from bridge.statuses import Body, Counting, Idempotency, Limits, Window

Version = tuple[int, int, int]

_MEBI = 1 << 20
_UNBOUNDED = 2_147_483_647

_MASTODON_WINDOWS = (
    Window(name="statuses", limit=300, seconds=10_800),
    Window(name="media", limit=30, seconds=1_800),
    Window(name="deletes", limit=30, seconds=1_800),
    Window(name="calls", limit=300, seconds=300),
    Window(name="paging", limit=300, seconds=900),
)
_MASTODON_TYPES = (
    "image/jpeg", "image/png", "image/gif", "image/heic", "image/heif", "image/webp", "image/avif",
    "video/webm", "video/mp4", "video/quicktime", "video/ogg",
)  # fmt: skip
_PIXELFED_TYPES = (
    "image/jpeg", "image/png", "image/webp", "image/gif", "image/avif", "image/heic",
    "video/mp4", "video/quicktime",
)  # fmt: skip
_TAKAHE_TYPES = ("image/jpeg", "image/png", "image/gif", "image/webp")


def version_of(text: str) -> Version:
    """The first dotted number in a version string; what cannot be read counts as 0.0.0, the oldest."""
    found = re.search(r"(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?", text)
    if found is None:
        return (0, 0, 0)
    return (int(found[1]), int(found[2]), int(found[3] or 0))


def mastodon(version: str) -> Limits:
    at = version_of(version)
    return Limits(
        counting=Counting.MASTODON,
        image_bytes=16 * _MEBI - 1,  # strictly less than 16 MiB
        video_bytes=99 * _MEBI - 1,
        image_pixels=33_177_600,
        video_pixels=8_294_400,
        video_rate=120,
        video_frames=36_000,
        mime_types=_MASTODON_TYPES,
        description_length=10_000 if at >= (4, 6, 0) else 1_500,
        quotes=at >= (4, 5, 0),
        edits=at >= (3, 5, 0),
        boosts=at >= (2, 8, 0),  # since then with a visibility of their own
        idempotency=_mastodon_idempotency(at),
        async_media=at >= (3, 1, 3),
        tells_quota=True,
        unattached_seconds=86_400,
        windows=_MASTODON_WINDOWS,
    )


def _mastodon_idempotency(at: Version) -> Idempotency:
    """Broken by #37879, mended by #40439: first in 4.6.8 and 4.7.2 (rules §2)."""
    broken = (4, 6, 0) <= at < (4, 6, 8) or (4, 7, 0) <= at < (4, 7, 2)
    return Idempotency.BREAKS if broken else Idempotency.REPLAYS


def glitch(version: str) -> Limits:
    return replace(mastodon(version), content_type="text/plain")


def gotosocial(version: str) -> Limits:
    at = version_of(version)
    return Limits(
        max_characters=5_000,
        max_media=6,
        mixes_media=True,
        max_polls_options=6,
        image_bytes=40 * _MEBI,
        video_bytes=40 * _MEBI,
        image_pixels=_UNBOUNDED,
        gif_pixels=_UNBOUNDED,
        description_length=1_500,
        backdates=at >= (0, 18, 0),
        edits=at >= (0, 18, 0),
        boosts=True,  # each request makes another one (internal/processing/status/boost.go)
        content_type="text/plain",  # the account's own setting may be Markdown
        language_tags="bcp47",
        tells_quota=True,
        sweeps_at_midnight=True,
        windows=(Window(name="calls", limit=300, seconds=300, aligned=False),),
    )


def pleroma(version: str) -> Limits:
    return Limits(
        max_characters=5_000,
        counting=Counting.GRAPHEMES,
        mixes_media=True,
        max_polls_options=20,
        image_bytes=16_000_000,
        video_bytes=16_000_000,
        image_pixels=_UNBOUNDED,
        gif_pixels=_UNBOUNDED,
        description_length=5_000,
        edits=version_of(version) >= (2, 5, 0),
        boosts=True,
        keeps_replies=False,
        idempotency=Idempotency.BURNS,
        content_type="text/plain",
        language_tags="iso639",
        windows=(
            Window(name="statuses", limit=15, seconds=10, aligned=False),
            Window(name="actions", limit=15, seconds=10, aligned=False),
        ),
    )


def akkoma(version: str) -> Limits:
    return replace(pleroma(version), edits=version_of(version) >= (3, 0, 0))


def pixelfed(version: str) -> Limits:  # noqa: ARG001  # one profile serves all versions
    return Limits(
        spoiler_counts=False,
        max_spoiler=140,
        max_polls_options=0,
        image_bytes=15_000_000,
        video_bytes=15_000_000,
        mime_types=_PIXELFED_TYPES,
        description_length=1_000,
        needs_media=True,
        idempotency=Idempotency.BURNS,
        unattached_seconds=7_200,
        windows=(
            Window(name="statuses", limit=1_000, seconds=86_400, aligned=False),
            Window(name="media", limit=1_250, seconds=86_400, aligned=False),
        ),
    )


def sharkey(version: str) -> Limits:  # noqa: ARG001  # one profile serves all versions
    return Limits(
        max_characters=3_000,
        max_media=16,
        mixes_media=True,
        max_polls_options=10,
        image_pixels=_UNBOUNDED,
        description_length=512,
        edits=True,
        windows=(
            Window(name="statuses", limit=300, seconds=3_600, aligned=False),
            Window(name="statuses", limit=1, seconds=1, aligned=False),
            Window(name="media", limit=120, seconds=3_600, aligned=False),
        ),
    )


def iceshrimp_net(version: str) -> Limits:  # noqa: ARG001  # one profile serves all versions
    return Limits(
        mixes_media=True,
        edits=True,
        idempotency=Idempotency.BURNS,
        windows=(Window(name="calls", limit=500, seconds=60, aligned=False),),
    )


def iceshrimp_js(version: str) -> Limits:
    return replace(sharkey(version), idempotency=Idempotency.BURNS)


def takahe(version: str) -> Limits:  # noqa: ARG001  # one profile serves all versions
    return Limits(
        spoiler_counts=False,
        image_bytes=10_000_000,
        video_bytes=0,  # a film is answered with 500
        mime_types=_TAKAHE_TYPES,
        edits=True,
        keeps_replies=False,
        shows_private=False,
        windows=(),
    )


def hollo(version: str) -> Limits:  # noqa: ARG001  # one profile serves all versions
    return Limits(
        max_characters=10_000,
        max_media=8,
        mixes_media=True,
        image_bytes=32 * _MEBI,
        video_bytes=128 * _MEBI,
        description_length=5_000,
        quotes=True,
        edits=True,
        idempotency=Idempotency.REPLAYS,
        body=Body.JSON,  # a form is answered 200, with an empty public status
        windows=(),
    )


def snac(version: str) -> Limits:
    at = version_of(version)
    return Limits(
        max_characters=100_000,
        mixes_media=True,
        max_polls_options=0,
        description_length=5_000,
        backdates=at >= (2, 75, 0),  # measured there and on 2.96; older ones are not known to
        keeps_replies=False,
        shows_private=False,
        keeps_alive=False,
        windows=(),
    )


def friendica(version: str) -> Limits:  # noqa: ARG001  # one profile serves all versions
    return Limits(description_length=1_500, keeps_replies=False)


PROFILES: dict[str, Callable[[str], Limits]] = {
    "mastodon": mastodon,
    "glitch-soc": glitch,
    "hometown": mastodon,
    "gotosocial": gotosocial,
    "akkoma": akkoma,
    "pleroma": pleroma,
    "pixelfed": pixelfed,
    "sharkey": sharkey,
    "firefish": iceshrimp_js,
    "iceshrimp": iceshrimp_js,
    "iceshrimp.net": iceshrimp_net,
    "takahe": takahe,
    "hollo": hollo,
    "snac": snac,
    "friendica": friendica,
}

#: Software of the fediverse that has no Mastodon API: said in one sentence instead of tried.
ELSEWHERE = frozenset(
    {"lemmy", "peertube", "misskey", "mbin", "kbin", "writefreely", "bookwyrm", "funkwhale", "owncast"}
)
