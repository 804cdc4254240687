"""What would be said at a destination, complete and final, and what a destination can do."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from bridge.posts import MediaType

_NOTHING = hashlib.blake2b(digest_size=16)
_encode = msgspec.json.Encoder().encode


class Visibility(StrEnum):
    PUBLIC = "public"
    UNLISTED = "unlisted"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRef:
    """A status of ours that is, or will be, at the same destination: the `part`-th of a post."""

    post_id: str
    part: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Boost:
    """A post whose status, of whichever account of the ledger, is passed on or quoted."""

    source: str
    post_id: str
    part: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnLink:
    """`text[start:end]` links to an own post; when that post has its status, its URL takes the place."""

    start: int
    end: int
    to: StatusRef


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaRef:
    """One attachment: the `position`-th medium (from 0) of the post. `file` None: it is missing.

    `lost`: it could not go up, so that the published status stands without it; no part of what is planned.
    """

    position: int
    type: MediaType
    file: str | None
    container: str | None = None
    size: int | None = None
    url: str | None = None
    description: str | None = None
    lost: bool = False

    @property
    def goes(self) -> bool:
        """Whether its status has it, or is to have it."""
        return self.file is not None and not self.lost


@dataclass(frozen=True, slots=True, kw_only=True)
class PollDraft:
    """`ends_at`: when the original ends; so much is left when it is sent, within what the server takes."""

    options: tuple[str, ...]
    expires_in: int  #: seconds; of all of it
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusDraft:
    """Final but for ids: the deliverer fills in those of the reply, the quote, the media and own links.

    With a `boost`, that status is passed on; the text is for the case that it cannot be, "" for nothing then.
    """

    post_id: str
    part: int  #: from 1; below 0: what comes later, beside the parts of the post
    parts: int
    text: str
    length: int  #: as the destination counts, warning text included where it does
    spoiler_text: str = ""
    sensitive: bool = False
    visibility: Visibility = Visibility.UNLISTED
    language: str | None = None
    in_reply_to: StatusRef | None = None
    quote: StatusRef | None = None
    own_links: tuple[OwnLink, ...] = ()
    media: tuple[MediaRef, ...] = ()
    poll: PollDraft | None = None
    backdate: datetime | None = None
    boost: Boost | None = None
    quote_of: Boost | None = None  #: somebody else's, where `quote` is one of ours


@dataclass(frozen=True, slots=True, kw_only=True)
class Warn:
    """Something a person should know: `code` is stable (`MEDIA_MISSING`), `detail` is for reading."""

    code: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What becomes of a medium that does not go up as it is: `detail` is for reading."""

    position: int  #: of the medium in its post, from 0
    what: str  #: strip | picture | remux | film | none: it cannot be made to fit
    before: int  #: bytes
    after: int | None  #: bytes; None: it is not made yet, or never will be
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """The parts of one post in order. No drafts: `skip` says why. `hold` asks for a person's decision."""

    post_id: str
    drafts: tuple[StatusDraft, ...]
    warnings: tuple[Warn, ...] = ()
    skip: str | None = None
    hold: str | None = None
    changes: tuple[Change, ...] = ()


def draft_digest(draft: StatusDraft) -> str:
    """Names what a person would approve; where a medium lies on this machine is no part of it."""
    media = [(m.position, m.type, m.file, m.size, m.url, m.description) for m in draft.media]
    poll: object = draft.poll
    if draft.poll is not None and draft.poll.ends_at is None:  # as in drafts of before
        poll = {"options": draft.poll.options, "expires_in": draft.poll.expires_in}
    digest = _NOTHING.copy()  # half the price of a new one
    said: tuple[object, ...] = (
        draft.post_id, draft.part, draft.parts, draft.text, draft.spoiler_text, draft.sensitive,
        draft.visibility, draft.language, draft.in_reply_to, draft.quote, draft.own_links, media,
        poll, draft.backdate,
    )  # fmt: skip
    if draft.boost is not None:  # those of before have none
        said = (*said, draft.boost)
    if draft.quote_of is not None:
        said = (*said, "quote", draft.quote_of)
    digest.update(_encode(said))
    return digest.hexdigest()


def with_links(draft: StatusDraft, url: Callable[[StatusRef], str | None]) -> str:
    """Its text with the addresses of own posts, as far as `url` knows them; others keep their old link."""
    text = draft.text
    for link in sorted(draft.own_links, key=lambda each: each.start, reverse=True):
        if (address := url(link.to)) is not None:
            text = text[: link.start] + address + text[link.end :]
    return text


class Counting(StrEnum):
    """How a server measures a text."""

    MASTODON = "mastodon"  # graphemes; a URL is `url_length`, a remote mention its local part
    GRAPHEMES = "graphemes"  # graphemes, everything in full
    CODE_POINTS = "code_points"  # code points, everything in full


class Idempotency(StrEnum):
    """What a repeated key does (reference: fediverse-rules §2)."""

    REPLAYS = "replays"  # answers with the first status, for an hour or so
    BREAKS = "breaks"  # no second status, but the answer is an error (Mastodon 4.6.0 to 4.6.7)
    BURNS = "burns"  # a key whose first use failed goes on failing: every new attempt needs a new key
    IGNORED = "ignored"  # makes a second status


class Body(StrEnum):
    FORM = "form"
    JSON = "json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """`limit` calls of one sort in `seconds`; `aligned` ones begin at multiples of that since the epoch."""

    name: str  #: statuses, media, deletes, actions (statuses and deletes), calls, paging
    limit: int
    seconds: int
    aligned: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a destination can do: facts of its software, corrected by what the instance says of itself.

    The defaults are the conservative profile, used for a server that nobody here has met.
    """

    software: str = "unknown"
    version: str = ""
    title: str = ""
    max_characters: int = 500
    counting: Counting = Counting.CODE_POINTS
    url_length: int = 23  #: of any URL, under `Counting.MASTODON`
    own_url_length: int = 90  #: room kept for the URL of an own status where URLs count in full
    spoiler_counts: bool = True
    max_media: int = 4
    mixes_media: bool = False  #: films beside pictures, or several films, in one status
    max_polls_options: int = 4
    poll_option_length: int = 50  #: characters
    min_poll_seconds: int = 300
    max_poll_seconds: int = 2_629_746  #: app/validators/poll_expiration_validator.rb
    image_bytes: int = 8_000_000
    video_bytes: int = 40_000_000
    image_pixels: int = 16_777_216
    gif_pixels: int = 921_600
    video_pixels: int | None = None  #: of one picture; None here and below: no limit is known
    video_rate: int | None = None  #: frames a second
    video_frames: int | None = None
    video_seconds: int | None = None
    mime_types: tuple[str, ...] = ()  #: empty: not said
    description_length: int = 1500
    max_spoiler: int | None = None
    needs_media: bool = False  #: refuses a status without media (Pixelfed)
    backdates: bool = False  #: a past `scheduled_at` becomes the date; elsewhere it would be posted now
    quotes: bool = False  #: `quoted_status_id`
    edits: bool = False
    boosts: bool = False  #: a status may be passed on, and the answer tells which one of ours that makes
    keeps_replies: bool = True  #: False: a bad reply id is dropped in silence
    shows_private: bool = True  #: the author can read back own followers-only statuses
    idempotency: Idempotency = Idempotency.IGNORED
    body: Body = Body.FORM
    content_type: str | None = None  #: to be sent with a status so that the text stays plain
    language_tags: str = "any"  #: any | iso639 | bcp47
    async_media: bool = False  #: 202 and polling
    keeps_alive: bool = True  #: False: closes connections without saying so; each request needs its own
    tells_quota: bool = False  #: says in every answer how much of a window is left, if it has windows
    unattached_seconds: int | None = None  #: how long an upload is kept before it is used, at least
    sweeps_at_midnight: bool = False  #: deletes every upload that is not used yet then, however young
    windows: tuple[Window, ...] = (
        Window(name="statuses", limit=300, seconds=10_800),
        Window(name="media", limit=30, seconds=1_800),
        Window(name="calls", limit=300, seconds=300),
    )
