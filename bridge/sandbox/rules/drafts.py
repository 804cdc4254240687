"""The parameters of a status, read from a request and held against the server's rules in its own order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from bridge.sandbox.rules.calls import Call, Context
from bridge.sandbox.rules.counting import measure
from bridge.sandbox.rules.documents import account_document
from bridge.sandbox.rules.formatting import mentioned, stored
from bridge.sandbox.rules.media import is_there
from bridge.sandbox.rules.problems import Problem
from bridge.sandbox.rules.profiles import Past
from bridge.sandbox.rules.state import Medium, Poll

LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")
ISO_639 = re.compile(r"[A-Za-z]{2,3}$")
POLL_SHORTEST, POLL_LONGEST = 300, 2_629_746


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a client asked for."""

    text: str = ""
    spoiler_text: str = ""
    sensitive: bool | None = None
    visibility: str | None = None
    language: str | None = None
    in_reply_to_id: str | None = None
    media_ids: tuple[str, ...] = ()
    poll_options: tuple[str, ...] = ()
    poll_seconds: int = 86_400
    poll_multiple: bool = False
    scheduled_at: str | None = None
    quoted_status_id: str | None = None
    allowed_mentions: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A draft that nothing stands against."""

    text: str
    spoiler_text: str
    sensitive: bool
    visibility: str
    language: str | None
    media: tuple[Medium, ...]
    poll: Poll | None
    mentions: tuple[str, ...]
    lookups: tuple[str, ...]
    at: datetime | None  #: of `scheduled_at`


def read_draft(call: Call) -> Draft:
    poll = call.parameters.get("poll")
    asked = Call(
        method="", path="", parameters=cast(dict[str, object], poll) if isinstance(poll, dict) else {}
    )
    allowed = "allowed_mentions" in call.parameters
    return Draft(
        text=call.text("status") or "",
        spoiler_text=(call.text("spoiler_text") or "").strip(),
        sensitive=call.truth("sensitive"),
        visibility=call.text("visibility") or None,
        language=call.text("language") or None,
        in_reply_to_id=call.text("in_reply_to_id") or None,
        media_ids=tuple(dict.fromkeys(call.texts("media_ids"))),
        poll_options=tuple(option for option in asked.texts("options") if option.strip()),
        poll_seconds=asked.number("expires_in") or 86_400,
        poll_multiple=bool(asked.truth("multiple")),
        scheduled_at=call.text("scheduled_at") or None,
        quoted_status_id=call.text("quoted_status_id") or None,
        allowed_mentions=call.texts("allowed_mentions") if allowed else None,
    )


def check(ctx: Context, draft: Draft) -> Checked:
    """Every check after idempotency, in Mastodon's order (fediverse-rules §3.1, steps 10-20)."""
    media = check_media(ctx, draft)
    at = _scheduled(ctx, draft)
    text, spoiler = _said(draft, stored(draft.text.strip(), ctx.site))
    poll = _poll(ctx, draft)
    check_text(ctx, draft, text, spoiler, has_more=bool(media or poll))
    actor = ctx.actor.account
    visibility = draft.visibility or actor.default_visibility
    if visibility not in ctx.profile.visibilities:
        raise Problem("visibility")
    mentions, lookups = mentioned(text, ctx.site)
    others = tuple(one for one in mentions if one != actor.id)
    _check_mentions(ctx, draft, others)
    _check_backdating(ctx, draft, others, at)
    return Checked(
        text=text,
        spoiler_text=spoiler,
        sensitive=bool(draft.sensitive) or bool(draft.spoiler_text) or (
            draft.sensitive is None and actor.default_sensitive
        ),
        visibility="unlisted" if actor.silenced and visibility == "public" else visibility,
        language=_language(ctx, draft),
        media=media,
        poll=poll,
        mentions=others,
        lookups=lookups,
        at=at,
    )  # fmt: skip


def check_media(ctx: Context, draft: Draft, *, of_status: str | None = None) -> tuple[Medium, ...]:
    """The attachments; those of the status `of_status` may stay (an edit)."""
    profile = ctx.profile
    count = len(draft.media_ids)
    if profile.needs_media and not count:
        raise Problem("media_needed")
    beside_poll = bool(draft.poll_options) and count and not profile.poll_with_media
    if profile.checks_media_count and (count > profile.max_media or beside_poll):
        raise Problem("too_many_media", limit=profile.max_media, count=count)
    found = tuple(m for one in draft.media_ids if (m := _usable(ctx, one, of_status)) is not None)
    _check_found(ctx, draft, found)
    films = [m for m in found if m.type in {"video", "audio"}]
    if len(found) > 1 and films and not profile.mixes_media:
        raise Problem("media_mixed")
    if any(m.polls_left or m.failed for m in found):
        raise Problem("media_unfinished")
    return found


def _check_found(ctx: Context, draft: Draft, found: tuple[Medium, ...]) -> None:
    missing = [one for one in draft.media_ids if one not in {m.id for m in found}]
    if not missing or ctx.profile.drops_bad_media:
        return
    used = [one for one in missing if one in ctx.world.media]
    code = "media_attached" if used else "media_missing"
    raise Problem(code, ids=", ".join(missing), first=missing[0])


def _usable(ctx: Context, media_id: str, of_status: str | None) -> Medium | None:
    medium = ctx.world.media.get(media_id)
    if medium is None or medium.account_id != ctx.actor.account.id or not is_there(medium, ctx.now):
        return None
    free = medium.status_id in (None, of_status) or not ctx.profile.attaches_once
    return medium if free else None


def _said(draft: Draft, text: str) -> tuple[str, str]:
    """A warning without a text is the text (not when quoting)."""
    if not text and draft.spoiler_text and draft.quoted_status_id is None:
        return draft.spoiler_text, ""
    return text, draft.spoiler_text


def check_text(ctx: Context, draft: Draft, text: str, spoiler: str, *, has_more: bool) -> None:
    profile = ctx.profile
    if not text and not has_more and draft.quoted_status_id is None and not profile.allows_blank:
        raise Problem("blank")
    if measure(text, spoiler, profile.measure) > profile.max_characters:
        raise Problem("too_long", limit=profile.max_characters)
    if profile.max_spoiler is not None and len(spoiler) > profile.max_spoiler:
        raise Problem("spoiler_too_long", limit=profile.max_spoiler)


def _poll(ctx: Context, draft: Draft) -> Poll | None:
    options, profile = draft.poll_options, ctx.profile
    if not options:
        return None
    checks = (
        (len(options) < 2, "poll_few", 2),
        (len(options) > profile.poll_options, "poll_many", profile.poll_options),
        (any(len(o) > profile.poll_option_length for o in options), "poll_long", profile.poll_option_length),
        (len(set(options)) < len(options), "poll_duplicate", 0),
        (draft.poll_seconds < POLL_SHORTEST, "poll_short", 0),
        (draft.poll_seconds > POLL_LONGEST, "poll_late", 0),
    )
    for wrong, code, limit in checks:
        if wrong:
            raise Problem(code, limit=limit)
    ends = ctx.now + timedelta(seconds=draft.poll_seconds)
    return Poll(options=options, expires_at=ends, multiple=draft.poll_multiple)


def _language(ctx: Context, draft: Draft) -> str | None:
    default, language = ctx.actor.account.default_language, draft.language
    if language is None:
        return default
    strict = ISO_639 if ctx.profile.name == "akkoma" else LANGUAGE
    if strict.match(language):
        return language
    if ctx.profile.strict_language:
        raise Problem("language")
    return default


def _check_mentions(ctx: Context, draft: Draft, others: tuple[str, ...]) -> None:
    if draft.allowed_mentions is None or not ctx.profile.allowed_mentions:
        return
    unexpected = [one for one in others if one not in draft.allowed_mentions]
    if unexpected:
        accounts = [account_document(ctx, ctx.world.accounts[one]) for one in unexpected]
        raise Problem("unexpected_mentions", accounts=accounts)


def _scheduled(ctx: Context, draft: Draft) -> datetime | None:
    said = draft.scheduled_at
    if said is None:
        return None
    try:
        at = datetime.fromisoformat(said)
    except ValueError:
        at = None
    if at is None or (ctx.profile.past is Past.BACKDATES and (len(said) < 19 or said[10] != "T")):
        raise Problem("scheduled_unparseable", value=said)
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _check_backdating(ctx: Context, draft: Draft, others: tuple[str, ...], at: datetime | None) -> None:
    if at is None or at > ctx.now or ctx.profile.past is not Past.BACKDATES:
        if at is not None and ctx.profile.past is Past.REFUSED:
            raise Problem("scheduled_soon")
        return
    parent = ctx.world.statuses.get(draft.in_reply_to_id or "")
    checks = (
        (at.timestamp() <= 0, "backdate_epoch"),
        (bool(others), "backdate_mention"),
        (parent is not None and parent.account_id != ctx.actor.account.id, "backdate_reply"),
        (bool(draft.poll_options), "backdate_poll"),
    )
    for wrong, code in checks:
        if wrong:
            raise Problem(code)
