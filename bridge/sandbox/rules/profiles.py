"""What distinguishes one server software from another, as facts (fediverse-rules §1-§5, servers)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum

from bridge.sandbox.rules import problems, windows
from bridge.sandbox.rules.counting import Measure
from bridge.sandbox.rules.ids import IdStyle
from bridge.sandbox.rules.windows import Headers, Throttle

MIB = 1 << 20


class Repeats(StrEnum):
    """What a repeated Idempotency-Key does."""

    REPLAY = "replay"  # the first status again; two at once make two statuses
    LOCKED = "locked"  # the same, and two at once wait for each other
    LOCKED_BROKEN = "locked_broken"  # no second status, but a 500 (Mastodon 4.6.0-4.6.7, #40399)
    CACHED = "cached"  # any first answer again, errors too, whoever asks (Akkoma)
    REFUSED = "refused"  # 400, and the key is burnt even if the first attempt failed (Pixelfed)
    BURNT = "burnt"  # the status, but nothing more ever when the first attempt failed (Iceshrimp.NET)
    IGNORED = "ignored"  # a second status


class Past(StrEnum):
    """What a `scheduled_at` that has passed does."""

    NOW = "now"  # posted now, without a word
    BACKDATES = "backdates"  # becomes created_at and the id (GoToSocial)
    DATES = "dates"  # becomes created_at only (snac)
    REFUSED = "refused"


class Sweep(StrEnum):
    """When uploads that were never attached are deleted."""

    NEVER = "never"
    NIGHTLY_DAY_OLD = "nightly_day_old"  # between 03:00 and 05:59 when older than 24 hours (Mastodon)
    MIDNIGHT = "midnight"  # at midnight, however young (GoToSocial)
    TWO_HOURS = "two_hours"  # hourly job, older than two hours (Pixelfed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One server software at one version. The defaults are Mastodon's."""

    name: str
    software: str = "mastodon"  #: in nodeinfo
    version: str = "4.5.0"  #: of the software
    announced: str = "4.5.0"  #: `version` of the instance document
    api_versions: int | None = 7
    instance_v2: bool = True
    oauth_metadata: bool = True
    pkce: bool = True
    app_credentials: bool = True  #: GET /api/v1/apps/verify_credentials exists
    words: problems.Words = field(default_factory=dict)
    every_error: int | None = None  #: status of every error (Sharkey: 401)
    ids: IdStyle = IdStyle.SNOWFLAKE
    throttles: tuple[Throttle, ...] = windows.MASTODON
    statuses: Throttle | None = windows.STATUS_FAMILY
    family_covers_all: bool = False  #: edits, deletes and reblogs take from it too, whatever comes of them
    rate_headers: Headers = Headers.MICROSECONDS
    repeats: Repeats = Repeats.REPLAY
    key_seconds: int = 3600
    max_characters: int = 500
    measure: Measure = Measure.MASTODON
    announces_url_length: int = 23
    max_spoiler: int | None = None
    max_media: int = 4
    announces_media: int = 4
    checks_media_count: bool = True
    mixes_media: bool = False
    needs_media: bool = False
    drops_bad_media: bool = False
    drops_bad_reply: bool = False
    attaches_once: bool = True
    keeps_dead_parents: bool = False  #: replies to a deleted status keep its id
    past: Past = Past.NOW
    schedules: bool = True
    near_future_refused: bool = True
    default_visibility: str = "public"
    visibilities: frozenset[str] = frozenset({"public", "unlisted", "private", "direct"})
    shows_text: bool = False  #: `text` is in every answer
    hides_private: bool = False  #: the author's own list lacks followers-only statuses
    json_only: bool = False  #: a form body makes an empty public status (Hollo)
    allows_blank: bool = False
    strict_language: bool = False
    keeps_language: bool = True
    quotes: bool = True
    boosts_once: bool = True  #: a repeated boost is the one that there is
    poll_options: int = 4
    poll_option_length: int = 50
    poll_with_media: bool = False
    image_bytes: int = 16 * MIB
    video_bytes: int = 99 * MIB
    image_pixels: int = 33_177_600
    gif_pixels: int = 921_600
    video_pixels: int = 8_294_400
    description_length: int = 1500
    media_types: frozenset[str] = frozenset({"image", "gifv", "video", "audio"})
    checks_files: bool = True
    gif_becomes_film: bool = True
    async_video: bool = True
    always_accepted: bool = False  #: POST v2/media says 202 although the file is ready (Akkoma)
    media_endpoint_delete: bool = True
    describes_attached: bool = False  #: PUT media after posting
    sweep: Sweep = Sweep.NIGHTLY_DAY_OLD
    page_default: int = 20
    page_limit: int = 40
    link_header: bool = True
    needs_user_agent: bool = False
    closes_silently: bool = False  #: every connection after its answer, without saying so (snac)
    allowed_mentions: bool = True


def _numbers(version: str) -> tuple[int, ...]:
    head = version.partition("+")[0].partition("-")[0]
    return tuple(int(part) for part in head.split(".") if part.isdigit())


def mastodon(version: str) -> Profile:
    """Mastodon: versions differ in idempotency, description limit, quotes, polls beside media."""
    number = _numbers(version)
    broken = (4, 6) <= number < (4, 6, 8) or (4, 7) <= number < (4, 7, 2)
    repeats = Repeats.REPLAY if number < (4, 6) else Repeats.LOCKED_BROKEN if broken else Repeats.LOCKED
    levels = (((4, 6), 11), ((4, 5), 7), ((4, 4), 6), ((4, 3), 2))
    return Profile(
        name="mastodon",
        version=version,
        announced=version,
        api_versions=next((level for least, level in levels if number >= least), None),
        oauth_metadata=number >= (4, 3),
        pkce=number >= (4, 3),
        repeats=repeats,
        quotes=number >= (4, 5),
        description_length=10_000 if number >= (4, 6) else 1500,
        poll_with_media=number >= (4, 6),
        media_endpoint_delete=number >= (4, 4),
        attaches_once=True,
        drops_bad_media=number < (4, 3),
    )


def glitch(version: str) -> Profile:
    base = mastodon(version.partition("+")[0])
    return replace(base, name="glitch", version=f"{base.version}+glitch", announced=f"{base.version}+glitch")
