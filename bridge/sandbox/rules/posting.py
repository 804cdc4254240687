"""Making a status, at once, later, or long ago (reference: fediverse-rules §3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import msgspec

from bridge.sandbox.rules import windows
from bridge.sandbox.rules.calls import Answer, Call, Context
from bridge.sandbox.rules.documents import Document, boosts_of, medium_document, moment, status_document
from bridge.sandbox.rules.drafts import Checked, Draft, check, read_draft
from bridge.sandbox.rules.ids import IdStyle, make_id, milliseconds
from bridge.sandbox.rules.problems import Problem
from bridge.sandbox.rules.profiles import Past
from bridge.sandbox.rules.state import Notice, Scheduled, Status

SOON = timedelta(minutes=5)
A_DAY, IN_TOTAL = 25, 300
POSTS = "write:statuses"


def precheck(ctx: Context) -> None:
    """What is looked at before the key: token, scope, the parent, the quoted status (steps 2-8)."""
    ctx.allow(POSTS)
    draft = read_draft(ctx.call)
    _ = ctx.actor
    parent, quoted = draft.in_reply_to_id, draft.quoted_status_id
    if parent is not None and not ctx.profile.drops_bad_reply and not _visible(ctx, parent):
        raise Problem("parent_missing")
    if ctx.profile.quotes and quoted is not None and not _visible(ctx, quoted):
        raise Problem("quote_missing")


def create(ctx: Context) -> Answer:
    """POST /api/v1/statuses, after the key: steps 10 to the end."""
    if ctx.profile.json_only and ctx.call.is_form:
        # Hollo reads JSON only; from a form it makes an empty public status.
        ctx = replace(
            ctx, call=replace(ctx.call, parameters={}), profile=replace(ctx.profile, allows_blank=True)
        )
    draft = _meddled(ctx, read_draft(ctx.call))
    checked = check(ctx, draft)
    if checked.at is not None and checked.at > ctx.now and ctx.profile.schedules:
        if checked.at > ctx.now + SOON:
            return _schedule(ctx, draft, checked, checked.at)
        if ctx.profile.near_future_refused:
            raise Problem("scheduled_soon")
    quota = _take(ctx)
    status = _status(ctx, draft, checked)
    if "ghost" in ctx.meddling:
        return Answer(body=_ghost(ctx, status), quota=quota)
    store(ctx, status, checked.lookups)
    return Answer(body=status_document(ctx, status), status_id=status.id, quota=quota)


def store(ctx: Context, status: Status, lookups: tuple[str, ...] = ()) -> None:
    """Keeps a status, attaches its media, and notes who is disturbed by it."""
    ctx.world.add_status(status)
    for media_id in status.media_ids:
        ctx.world.media[media_id] = replace(ctx.world.media[media_id], status_id=status.id)
    told = [("mention", one) for one in status.mentions] + [("lookup", handle) for handle in lookups]
    for kind, whom in told:
        number = str(ctx.world.next_number("notice"))
        ctx.world.notices[number] = Notice(id=number, kind=kind, whom=whom, status_id=status.id, at=ctx.now)


def new_status_id(ctx: Context, at: datetime) -> str:
    """An id of that moment that no other status has; snowflakes only ever grow."""
    style = ctx.profile.ids
    if style is not IdStyle.SNOWFLAKE:
        return make_id(style, at, ctx.world.next_number("status"))
    number = max(milliseconds(at) << 16, ctx.world.numbers.get("snowflake", 0) + 1)
    ctx.world.numbers["snowflake"] = number
    return str(number)


def publish_due(ctx: Context) -> None:
    """Scheduled statuses whose time has come; they consume no quota."""
    for row in [row for row in ctx.world.scheduled.values() if row.scheduled_at <= ctx.now]:
        del ctx.world.scheduled[row.id]
        token = next(t for t in ctx.world.tokens.values() if t.account_id == row.account_id)
        draft = replace(msgspec.json.decode(row.draft, type=Draft), scheduled_at=None)
        then = replace(
            ctx, token=token, now=row.scheduled_at, call=Call(method="POST", path="/api/v1/statuses")
        )
        for media_id in row.media_ids:
            ctx.world.media[media_id] = replace(ctx.world.media[media_id], status_id=None)
        store(then, _status(then, draft, check(then, draft)))


def scheduled_document(ctx: Context, row: Scheduled) -> Document:
    draft = msgspec.json.decode(row.draft)
    names = ("text", "spoiler_text", "sensitive", "visibility", "language", "in_reply_to_id", "media_ids")
    return {
        "id": row.id,
        "scheduled_at": moment(row.scheduled_at),
        "params": {name: draft[name] for name in names},
        "media_attachments": [medium_document(ctx, ctx.world.media[one]) for one in row.media_ids],
    }


def reblog(ctx: Context, status_id: str) -> Answer:
    """Of a status that the account has passed on already, Mastodon gives the boost that there is."""
    ctx.allow(POSTS)
    actor, original = ctx.actor.account, _boostable(ctx, status_id)
    held = next((each for each in boosts_of(ctx, original.id) if each.account_id == actor.id), None)
    if held is not None and ctx.profile.boosts_once:
        return Answer(body=status_document(ctx, held))
    family = ctx.profile.statuses
    quota = take_family(ctx, family) if family is not None else None
    wanted = ctx.call.text("visibility")
    row = Status(
        id=new_status_id(ctx, ctx.now),
        account_id=actor.id,
        number=ctx.world.next_number("arrival"),
        created_at=ctx.now,
        arrived_at=ctx.now,
        text="",
        visibility="private" if original.visibility == "private" else wanted or actor.default_visibility,
        reblog_of_id=original.id,
    )
    ctx.world.add_status(row)
    return Answer(body=status_document(ctx, row), status_id=row.id, quota=quota)


def unreblog(ctx: Context, status_id: str) -> Answer:
    ctx.allow(POSTS)
    original = ctx.world.statuses.get(status_id)
    if original is None:
        raise Problem("not_found")
    for held in boosts_of(ctx, original.id):
        if held.account_id == ctx.actor.account.id:
            ctx.world.drop_status(held)
    return Answer(body=status_document(ctx, original))


def _boostable(ctx: Context, status_id: str) -> Status:
    """A boost of a boost is one of what that passes on; followers-only ones are for their author to boost."""
    row = ctx.world.statuses.get(status_id)
    row = ctx.world.statuses.get(row.reblog_of_id) if row is not None and row.reblog_of_id else row
    if row is None or (row.visibility == "private" and row.account_id != ctx.actor.account.id):
        raise Problem("not_found")
    if row.visibility == "direct":
        raise Problem("not_found")
    return row


def take_family(ctx: Context, throttle: windows.Throttle) -> windows.Quota | None:
    """One of the family's calls; raises the server's 429."""
    if not ctx.limits:
        return None
    try:
        return windows.take(ctx.world.counters, throttle, ctx.actor.account.id, ctx.now)
    except windows.Limited as limited:
        # Mastodon rolls the transaction back, and the counter with it.
        windows.give_back(ctx.world.counters, throttle, ctx.actor.account.id)
        raise Problem("too_many_requests", quota=limited.quota) from limited


def _take(ctx: Context) -> windows.Quota | None:
    family = ctx.profile.statuses
    return take_family(ctx, family) if family is not None and not ctx.profile.family_covers_all else None


def _visible(ctx: Context, status_id: str) -> bool:
    row = ctx.world.statuses.get(status_id)
    return row is not None and (row.account_id == ctx.actor.account.id or row.visibility != "direct")


def _status(ctx: Context, draft: Draft, checked: Checked) -> Status:
    past = checked.at if checked.at is not None and checked.at <= ctx.now else None
    dated = past is not None and ctx.profile.past in {Past.BACKDATES, Past.DATES}
    created = past if past is not None and dated else ctx.now
    created = created.replace(microsecond=created.microsecond // 1000 * 1000)
    parent = draft.in_reply_to_id
    return Status(
        id=new_status_id(ctx, created if ctx.profile.past is Past.BACKDATES else ctx.now),
        account_id=ctx.actor.account.id,
        number=ctx.world.next_number("arrival"),
        created_at=created,
        arrived_at=ctx.now,
        text=checked.text,
        spoiler_text=checked.spoiler_text,
        sensitive=checked.sensitive,
        visibility=_visibility(ctx, draft, checked),
        language=checked.language,
        in_reply_to_id=parent if parent in ctx.world.statuses else None,
        quote_of_id=draft.quoted_status_id if ctx.profile.quotes else None,
        media_ids=tuple(m.id for m in checked.media),
        poll=checked.poll,
        mentions=checked.mentions,
        app_id=ctx.actor.token.app_id,
        key=ctx.call.headers.get("idempotency-key"),
    )


def _visibility(ctx: Context, draft: Draft, checked: Checked) -> str:
    """A public quote of a private status becomes private; two faults go astray on purpose."""
    quoted = ctx.world.statuses.get(draft.quoted_status_id or "")
    if "wider" in ctx.meddling:
        return "public"
    if "narrower" in ctx.meddling or (quoted is not None and quoted.visibility == "private"):
        return "private" if checked.visibility != "direct" else "direct"
    return checked.visibility


def _meddled(ctx: Context, draft: Draft) -> Draft:
    if "drop_media" in ctx.meddling:
        draft = replace(draft, media_ids=())
    if "drop_reply" in ctx.meddling:
        draft = replace(draft, in_reply_to_id=None)
    return draft


def _ghost(ctx: Context, status: Status) -> Document:
    """An answer for a status that is never stored (Mastodon's spam filter does that)."""
    return status_document(ctx, replace(status, media_ids=()))


def _schedule(ctx: Context, draft: Draft, checked: Checked, at: datetime) -> Answer:
    actor = ctx.actor.account
    mine = [row for row in ctx.world.scheduled.values() if row.account_id == actor.id]
    if sum(1 for row in mine if row.scheduled_at.date() == at.date()) >= A_DAY:
        raise Problem("scheduled_today")
    if len(mine) >= IN_TOTAL:
        raise Problem("scheduled_total")
    row = Scheduled(
        id=str(ctx.world.next_number("scheduled")),
        account_id=actor.id,
        scheduled_at=at,
        draft=msgspec.json.encode(draft),
        media_ids=tuple(m.id for m in checked.media),
    )
    ctx.world.scheduled[row.id] = row
    for media_id in row.media_ids:
        # Held by the scheduled status: neither swept away nor free for another one.
        ctx.world.media[media_id] = replace(ctx.world.media[media_id], status_id=f"scheduled:{row.id}")
    return Answer(body=scheduled_document(ctx, row))
