"""Reading, editing, deleting, pinning statuses (reference: fediverse-rules §3.8, §8)."""

from __future__ import annotations

from dataclasses import replace

from bridge.sandbox.rules import media
from bridge.sandbox.rules.calls import Answer, Context
from bridge.sandbox.rules.documents import poll_document, status_document
from bridge.sandbox.rules.drafts import Draft, check_media, check_text, read_draft
from bridge.sandbox.rules.formatting import mentioned, stored
from bridge.sandbox.rules.posting import POSTS, scheduled_document, take_family
from bridge.sandbox.rules.problems import Problem
from bridge.sandbox.rules.state import Poll, Scheduled, Status
from bridge.sandbox.rules.windows import Quota

READS = "read:statuses"
PINS = 5
IDS_AT_ONCE = 20


def show(ctx: Context, status_id: str) -> Answer:
    return Answer(body=status_document(ctx, visible(ctx, status_id)))


def several(ctx: Context) -> Answer:
    """GET /api/v1/statuses?id[]=: at most twenty, unknown ones left out."""
    wanted = ctx.call.texts("id")
    if len(wanted) > IDS_AT_ONCE:
        raise Problem("too_many_ids")
    rows = [row for one in wanted if (row := ctx.world.statuses.get(one)) is not None and sees(ctx, row)]
    return Answer(body=[status_document(ctx, row) for row in rows])


def source(ctx: Context, status_id: str) -> Answer:
    ctx.allow(READS)
    row = _own(ctx, status_id)
    return Answer(body={"id": row.id, "text": row.text, "spoiler_text": row.spoiler_text})


def context(ctx: Context, status_id: str) -> Answer:
    row = visible(ctx, status_id)
    ancestors: list[Status] = []
    parent = ctx.world.statuses.get(row.in_reply_to_id or "")
    while parent is not None:
        ancestors.insert(0, parent)
        parent = ctx.world.statuses.get(parent.in_reply_to_id or "")
    return Answer(
        body={
            "ancestors": [status_document(ctx, one) for one in ancestors if sees(ctx, one)],
            "descendants": [status_document(ctx, one) for one in descendants(ctx, row.id) if sees(ctx, one)],
        }
    )


def descendants(ctx: Context, status_id: str) -> list[Status]:
    """Depth first, in the order of arrival."""
    found: list[Status] = []
    waiting = list(reversed(ctx.world.indexes.replies.get(status_id, ())))
    while waiting:
        one = waiting.pop()
        found.append(ctx.world.statuses[one])
        waiting.extend(reversed(ctx.world.indexes.replies.get(one, ())))
    return found


def delete(ctx: Context, status_id: str) -> Answer:
    """Gives the source and the media back, for writing it again; replies lose their parent."""
    ctx.allow(POSTS)
    row = _own(ctx, status_id)
    quota = _covered(ctx)
    body = status_document(ctx, row, source=True)
    remove(ctx, row)
    return Answer(body=body, quota=quota)


def remove(ctx: Context, row: Status) -> None:
    """Takes a status away, with its boosts; its media may be used again."""
    world = ctx.world
    for boost in world.indexes.boosts.pop(row.id, []):
        if boost in world.statuses:
            world.drop_status(world.statuses[boost])
    world.drop_status(row)
    for media_id in row.media_ids:
        if media_id in world.media:
            world.media[media_id] = replace(world.media[media_id], status_id=None)
    if not ctx.profile.keeps_dead_parents:
        for child in world.indexes.replies.pop(row.id, []):
            world.statuses[child] = replace(world.statuses[child], in_reply_to_id=None)


def update(ctx: Context, status_id: str) -> Answer:
    """PUT replaces everything: what is not sent is gone. No change costs nothing."""
    ctx.allow(POSTS)
    row = _own(ctx, status_id)
    quota = _covered(ctx)
    draft = read_draft(ctx.call)
    attached = check_media(ctx, draft, of_status=row.id)
    text, spoiler = stored(draft.text.strip(), ctx.site), draft.spoiler_text
    check_text(ctx, draft, text, spoiler, has_more=bool(attached or row.quote_of_id))
    described = _described(ctx, draft)
    new = replace(
        row,
        text=text,
        spoiler_text=spoiler,
        sensitive=bool(draft.sensitive) or bool(spoiler),
        language=draft.language or row.language,
        media_ids=draft.media_ids,
        poll=_kept_poll(row, draft),
        mentions=tuple(one for one in mentioned(text, ctx.site)[0] if one != row.account_id),
    )
    if new == row and not described:
        if ctx.profile.name == "gotosocial":
            raise Problem("unchanged")
        return Answer(body=status_document(ctx, row))
    family = ctx.profile.statuses
    if family is not None and not ctx.profile.family_covers_all:
        quota = take_family(ctx, family)
    _reattach(ctx, row, new)
    for media_id, description in described.items():
        ctx.world.media[media_id] = replace(ctx.world.media[media_id], description=description)
    new = replace(new, edited_at=ctx.now)
    ctx.world.statuses[row.id] = new
    return Answer(body=status_document(ctx, new), quota=quota)


def pin(ctx: Context, status_id: str) -> Answer:
    ctx.allow("write:accounts")
    account = ctx.actor.account
    row = visible(ctx, status_id)
    if row.account_id != account.id:
        raise Problem("pin_owner")
    if len(account.pinned) >= PINS:
        raise Problem("pin_limit")
    ctx.world.accounts[account.id] = replace(account, pinned=(*account.pinned, row.id))
    return Answer(body=status_document(ctx, row))


def unpin(ctx: Context, status_id: str) -> Answer:
    ctx.allow("write:accounts")
    account = ctx.actor.account
    row = visible(ctx, status_id)
    left = tuple(one for one in account.pinned if one != row.id)
    ctx.world.accounts[account.id] = replace(account, pinned=left)
    return Answer(body=status_document(ctx, row))


def show_poll(ctx: Context, poll_id: str) -> Answer:
    row = visible(ctx, poll_id)
    if row.poll is None:
        raise Problem("not_found")
    return Answer(body=poll_document(ctx, row))


def search(ctx: Context) -> Answer:
    """GET /api/v2/search: a status by its own URL; there is no full text here either."""
    ctx.allow("read:search")
    wanted = (ctx.call.text("q") or "").rstrip("/")
    if wanted.startswith(ctx.site.base_url):
        row = ctx.world.statuses.get(wanted.rpartition("/")[2])
    else:
        row = next((each for each in ctx.world.statuses.values() if each.origin == wanted), None)
    found = [status_document(ctx, row)] if row is not None and sees(ctx, row) else []
    return Answer(body={"accounts": [], "statuses": found, "hashtags": []})


def scheduled_list(ctx: Context) -> Answer:
    ctx.allow(READS)
    rows = [row for row in ctx.world.scheduled.values() if row.account_id == ctx.actor.account.id]
    return Answer(body=[scheduled_document(ctx, row) for row in reversed(rows[-40:])])


def scheduled_show(ctx: Context, scheduled_id: str) -> Answer:
    ctx.allow(READS)
    return Answer(body=scheduled_document(ctx, _scheduled(ctx, scheduled_id)))


def scheduled_delete(ctx: Context, scheduled_id: str) -> Answer:
    ctx.allow(POSTS)
    row = _scheduled(ctx, scheduled_id)
    for media_id in row.media_ids:
        ctx.world.media[media_id] = replace(ctx.world.media[media_id], status_id=None)
    del ctx.world.scheduled[row.id]
    return Answer()


def sees(ctx: Context, row: Status) -> bool:
    """Whether the asker may read a status: the author everything, others what is public."""
    own = ctx.token is not None and ctx.token.account_id == row.account_id
    return own or row.visibility in {"public", "unlisted", "local"}


def visible(ctx: Context, status_id: str) -> Status:
    row = ctx.world.statuses.get(status_id)
    if row is None or not sees(ctx, row):
        raise Problem("not_found")
    return row


def _own(ctx: Context, status_id: str) -> Status:
    row = ctx.world.statuses.get(status_id)
    if row is None:
        raise Problem("not_found")
    if row.account_id != ctx.actor.account.id:
        raise Problem("forbidden" if "forbidden" in ctx.profile.words else "not_found")
    return row


def _scheduled(ctx: Context, scheduled_id: str) -> Scheduled:
    row = ctx.world.scheduled.get(scheduled_id)
    if row is None or row.account_id != ctx.actor.account.id:
        raise Problem("not_found")
    return row


def _covered(ctx: Context) -> Quota | None:
    family = ctx.profile.statuses
    return take_family(ctx, family) if family is not None and ctx.profile.family_covers_all else None


def _kept_poll(row: Status, draft: Draft) -> Poll | None:
    same = row.poll is not None and row.poll.options == draft.poll_options
    return row.poll if same else None


def _described(ctx: Context, draft: Draft) -> dict[str, str | None]:
    """New descriptions, from `media_attributes`, of media that stay."""
    attributes = ctx.call.parameters.get("media_attributes")
    wanted: dict[str, str | None] = {}
    for one in attributes if isinstance(attributes, list) else []:
        media_id = str(one.get("id"))
        if media_id in draft.media_ids and "description" in one:
            description = str(one["description"] or "")
            media.check_description(ctx.profile, description)
            if (ctx.world.media[media_id].description or "") != description:
                wanted[media_id] = description or None
    return wanted


def _reattach(ctx: Context, old: Status, new: Status) -> None:
    for media_id in set(old.media_ids) - set(new.media_ids):
        ctx.world.media[media_id] = replace(ctx.world.media[media_id], status_id=None)
    for media_id in new.media_ids:
        ctx.world.media[media_id] = replace(ctx.world.media[media_id], status_id=new.id)
