"""What is to become of a thread at one account: the difference between its rendering and the ledger. Pure.

A post is planned as long as none of it has left: a part that is published, withdrawn, failed or in flight
freezes the whole post, which is then never rendered anew. What a person put aside stays aside;
what only a rule put aside comes back when the rule changes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import partial

from bridge.posts import Post, Thread
from bridge.publications import State
from bridge.statuses import Rendering, StatusDraft, StatusRef, Warn, draft_digest

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FROZEN = frozenset({State.PUBLISHING, State.PUBLISHED, State.WITHDRAWN, State.FAILED})
_UNSENT = frozenset({State.PENDING, State.APPROVED})


class Lane(StrEnum):
    """Begins the sort key of a row: what is written now goes first, the back catalogue in the gaps."""

    LIVE = "!"
    LATE = "%"  # that a mirror catches up with: written before it was begun
    CATALOGUE = ""


#: Begins the `reason` of a row that a rule put aside; any other reason is a person's, and stands.
BY_RULE = "rule: "


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the ledger has of one part of a post at one account."""

    part: int
    state: State
    draft_digest: str
    sort_key: str
    published_digest: str | None = None
    remote_id: str | None = None
    remote_url: str | None = None
    reason: str | None = None  #: of a pending or skipped row
    by_person: bool = False  #: somebody has approved it; no rule did


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    """Insert this part, or put this draft in the place of its unsent or skipped row.

    `approve`: straight into the queue (through `pending` where the row stood there or was skipped); otherwise
    the row waits as `pending` with `reason`. `reply_to` names the row that must be published before.
    """

    draft: StatusDraft
    source: str
    sort_key: str
    reply_to: StatusRef | None = None
    approve: bool = True
    reason: str | None = None
    recall: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """Leave the row as it is."""

    post_id: str
    part: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Put aside (`skipped`, with the reason) the row of this part, which has not left; None: all parts."""

    post_id: str
    reason: str
    part: int | None = None


Action = Publish | Keep | Drop


class Aspect(StrEnum):
    """What an edit changes of a status."""

    TEXT = "text"
    WARNING = "warning"
    SENSITIVE = "sensitive"
    LANGUAGE = "language"
    DESCRIPTION = "description"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A draft, and its text with own links in place; None: nobody here knows how it reads."""

    draft: StatusDraft
    text: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Revise:
    """Edit the status of this part, which reads as `before`, to read as `after`.

    Carried out one by one under a hold, never applied to the queue: until the server has said yes, the row
    goes on telling what stands on the account.
    """

    before: Said
    after: Said
    changes: tuple[Aspect, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """A published post held against its rendering. `left`: no edit can make it read so; one of `LEFT`.

    `wanted` has all parts as they should read, edited or not.
    """

    wanted: tuple[Said, ...] = ()
    revise: tuple[Revise, ...] = ()
    left: str | None = None
    warnings: tuple[Warn, ...] = ()


#: Why a published post that would read otherwise today is left alone.
LEFT: dict[str, str] = {
    "adopted": "another tool has published it; --adopted edits those as well",
    "hold": "it needs a person's decision first",
    "media": "an edit neither adds nor takes away pictures and films",
    "parts": "it would take another number of statuses",
    "poll": "an edit would take the poll's votes away",
    "quote": "an edit cannot change what is quoted",
    "unwanted": "today's settings would not carry it",
}


def is_frozen(known: Sequence[Known]) -> bool:
    """Whether some of the post has left, or may have, or a person put it aside: never to be planned anew."""
    return bool(known) and any(row.state in _FROZEN or _put_aside_by_hand(row) for row in known)


def plan_thread(
    thread: Thread,
    renderings: Mapping[str, Rendering],
    known: Mapping[str, Sequence[Known]],
    *,
    approve: bool = True,
    lane: Lane = Lane.CATALOGUE,
) -> tuple[Action, ...]:
    """Bring the ledger in line with the renderings of a selected thread, in its order.

    `approve` False: nothing is sent but what a person has approved, as it was seen. `renderings` has every
    post that is not frozen. Applying the result and planning again gives only `Keep`.
    """
    actions: list[Action] = []
    for post in thread.posts:
        rows = known.get(post.id, ())
        if is_frozen(rows):
            actions.extend(Keep(post_id=post.id, part=row.part) for row in rows)
        else:
            place = partial(sort_key, thread.root, post, lane=lane)
            actions.extend(_plan_post(post, renderings[post.id], rows, place, approve=approve))
    return tuple(actions)


def plan_skipped(post_id: str, reason: str, known: Sequence[Known]) -> tuple[Action, ...]:
    """Put aside what waits of a post that is not wanted any more."""
    if not known:
        return ()
    if is_frozen(known) or not any(row.state in _UNSENT for row in known):
        return tuple(Keep(post_id=post_id, part=row.part) for row in known)
    return (Drop(post_id=post_id, reason=BY_RULE + reason),)


def sort_key(root: Post, post: Post, part: int, *, lane: Lane = Lane.CATALOGUE) -> str:
    """Orders an account's rows as text: by the thread's first instant, whole threads, in their own order.

    Live posts come before the back catalogue, and among themselves as they were written, threads or not.
    """
    first = root if lane is Lane.CATALOGUE else post
    instant = max(0, (first.created_at - _EPOCH) // timedelta(milliseconds=1))
    return f"{lane}{instant:015d}{fixed_width(first.id)}{fixed_width(post.id)}{part:03d}"


def thread_key(key: str) -> str:
    """What the sort keys of one thread have in common; in the lanes of live posts, those of one post."""
    return key[: 35 if key[:1].isdigit() else 36]


def _plan_post(
    post: Post,
    rendering: Rendering,
    known: Sequence[Known],
    place: Callable[[int], str],
    *,
    approve: bool,
) -> Iterator[Action]:
    if rendering.skip is not None or not rendering.drafts:
        yield from plan_skipped(post.id, rendering.skip or "empty", known)
        return
    rows = {row.part: row for row in known}
    approved = approve and rendering.hold is None
    for draft in rendering.drafts:
        row, key = rows.pop(draft.part, None), place(draft.part)
        stands = row is not None and _stands(row, draft, approved=approved, recall=not approve)
        if stands and row is not None and row.sort_key == key:
            yield Keep(post_id=post.id, part=draft.part)
        else:
            yield Publish(
                draft=draft,
                source=post.source,
                sort_key=key,
                reply_to=draft.in_reply_to,
                approve=approved,
                reason=rendering.hold,
                recall=not approve,
            )
    for row in rows.values():
        if row.state in _UNSENT:
            yield Drop(post_id=post.id, part=row.part, reason=BY_RULE + "parts")
        else:
            yield Keep(post_id=post.id, part=row.part)


def _stands(row: Known, draft: StatusDraft, *, approved: bool, recall: bool) -> bool:
    """An approval is for one text: the same text keeps it, whoever gave it, unless only a person's counts."""
    if row.draft_digest != draft_digest(draft):
        return False
    if row.state is State.APPROVED:
        return row.by_person or not recall
    return row.state is State.PENDING and not approved


def version_of(known: Sequence[Known], overlay: int) -> str:
    """Names what a person saw of a post and its edit: what is decided about one is not for another."""
    seen = [f"{row.part} {row.state} {row.draft_digest} {row.by_person:d}" for row in known]
    return hashlib.blake2b("\n".join([str(overlay), *seen]).encode(), digest_size=8).hexdigest()


def _put_aside_by_hand(row: Known) -> bool:
    return row.state is State.SKIPPED and not (row.reason or "").startswith(BY_RULE)


def fixed_width(post_id: str) -> str:
    """Twenty characters: numbers keep their order; any other id comes after them, in no special order."""
    if post_id.isascii() and post_id.isdigit() and len(post_id) <= 20:
        return post_id.zfill(20)
    return "z" + hashlib.blake2b(post_id.encode(), digest_size=10).hexdigest()[:19]


def plan_revisions(
    rendering: Rendering, standing: Sequence[Said], write: Callable[[Said, StatusDraft], str]
) -> Comparison:
    """How the published parts of a post, ascending, would be edited to read as in its rendering.

    `write` writes the text of a part as it stands now. Applying the result and planning again edits nothing.
    What an edit cannot change stays as it is: whom a status answers, who sees it, when it was said.
    """
    if reason := _shape_differs(rendering, standing):
        return Comparison(left=reason)
    drafts = {draft.part: draft for draft in rendering.drafts}
    pairs = [(before, drafts[before.draft.part]) for before in standing]
    if reason := next(filter(None, (_cannot(before.draft, draft) for before, draft in pairs)), None):
        return Comparison(left=reason)
    wanted = [_editable(before, draft, write) for before, draft in pairs]
    edits = [
        Revise(before=before, after=after, changes=changes)
        for before, after in zip(standing, wanted, strict=True)
        if (changes := tuple(_changes(before, after)))
    ]
    if any(edit.before.draft.poll is not None for edit in edits):
        return Comparison(left="poll")
    differs = any(draft.visibility is not before.draft.visibility for before, draft in pairs)
    warnings = (Warn(code="VISIBILITY_STAYS"),) if differs else ()
    return Comparison(wanted=tuple(wanted), revise=tuple(edits), warnings=warnings)


def _shape_differs(rendering: Rendering, standing: Sequence[Said]) -> str | None:
    if rendering.skip is not None or not rendering.drafts:
        return "unwanted"
    if rendering.hold is not None:
        return "hold"
    parts = len(rendering.drafts)
    return "parts" if any(each.draft.parts != parts for each in standing) else None


def _cannot(before: StatusDraft, draft: StatusDraft) -> str | None:
    """What an edit in place cannot do."""
    had, has = ([(m.position, m.type, m.file is None) for m in each.media] for each in (before, draft))
    if had != has:
        return "media"
    if (before.quote, before.quote_of) != (draft.quote, draft.quote_of):
        return "quote"
    asked, asks = (each.poll.options if each.poll else None for each in (before, draft))
    return "poll" if asked != asks else None


def _editable(before: Said, draft: StatusDraft, write: Callable[[Said, StatusDraft], str]) -> Said:
    """The rendering of today, with what only a new status could have as it was published."""
    stands = before.draft
    if stands == draft:
        return Said(draft=stands, text=write(before, stands))
    media = tuple(
        replace(old, description=new.description) for old, new in zip(stands.media, draft.media, strict=True)
    )
    after = replace(
        stands,
        text=draft.text,
        length=draft.length,
        spoiler_text=draft.spoiler_text,
        sensitive=draft.sensitive,
        language=draft.language or stands.language,  # an edit cannot take it away
        own_links=draft.own_links,
        media=media,
    )
    return Said(draft=after, text=write(before, after))


def _changes(before: Said, after: Said) -> Iterator[Aspect]:
    old, new = before.draft, after.draft
    if before.text != after.text:
        yield Aspect.TEXT
    if old.spoiler_text != new.spoiler_text:
        yield Aspect.WARNING
    if old.sensitive != new.sensitive:
        yield Aspect.SENSITIVE
    if old.language != new.language:
        yield Aspect.LANGUAGE
    if any((a.description or "") != (b.description or "") for a, b in zip(old.media, new.media, strict=True)):
        yield Aspect.DESCRIPTION
