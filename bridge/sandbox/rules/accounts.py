"""The account, its settings and its own list of statuses (reference: fediverse-rules §8)."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from dataclasses import replace
from typing import cast

from bridge.sandbox.rules.calls import Answer, Context
from bridge.sandbox.rules.documents import account_document, moment, status_document
from bridge.sandbox.rules.ids import rank
from bridge.sandbox.rules.problems import Problem
from bridge.sandbox.rules.state import Account, Status
from bridge.sandbox.rules.statuses import sees

Key = tuple[str, str]


def verify(ctx: Context) -> Answer:
    ctx.allow("read:accounts", "profile")
    return Answer(body=account_document(ctx, ctx.actor.account, own=True))


def show(ctx: Context, account_id: str) -> Answer:
    return Answer(body=account_document(ctx, _account(ctx, account_id)))


def lookup(ctx: Context) -> Answer:
    name = (ctx.call.text("acct") or "").lstrip("@").lower().removesuffix(f"@{ctx.site.domain}")
    return show(ctx, ctx.world.indexes.names.get(name, ""))


def update(ctx: Context) -> Answer:
    """PATCH update_credentials."""
    ctx.allow("write:accounts")
    account, call = ctx.actor.account, ctx.call
    keeps = []
    for index, upload in enumerate(call.uploads):
        if upload.field in {"avatar", "header"} and upload.facts is not None:
            name = f"{upload.field}-{account.id}-{ctx.world.next_number('pictures')}"
            keeps.append((name, index))
            account = replace(
                account,
                avatar=name if upload.field == "avatar" else account.avatar,
                header=name if upload.field == "header" else account.header,
            )
    account = replace(
        account,
        display_name=_or(call.text("display_name"), account.display_name),
        note=_or(call.text("note"), account.note),
        bot=bool(_or_bool(call.truth("bot"), account.bot)),
        locked=bool(_or_bool(call.truth("locked"), account.locked)),
        fields=_fields(call.parameters.get("fields_attributes"), account),
    )
    source = call.parameters.get("source")
    if isinstance(source, dict):
        account = replace(
            account,
            default_visibility=str(source.get("privacy") or account.default_visibility),
            default_language=str(source.get("language") or account.default_language),
        )
    ctx.world.accounts[account.id] = account
    return Answer(body=account_document(ctx, account, own=True), keeps=tuple(keeps))


def preferences(ctx: Context) -> Answer:
    ctx.allow("read:accounts")
    account = ctx.actor.account
    return Answer(
        body={
            "posting:default:visibility": account.default_visibility,
            "posting:default:sensitive": account.default_sensitive,
            "posting:default:language": account.default_language,
            "posting:default:quote_policy": "public",
            "reading:expand:media": "default",
            "reading:expand:spoilers": False,
        }
    )


def notifications(ctx: Context) -> Answer:
    """Who was disturbed: mentions of the asker, newest first."""
    ctx.allow("read:notifications")
    account = ctx.actor.account
    rows = [row for row in ctx.world.notices.values() if row.kind == "mention" and row.whom == account.id]
    shown = [
        {
            "id": row.id,
            "type": "mention",
            "created_at": moment(row.at),
            "account": account_document(ctx, ctx.world.accounts[status.account_id]),
            "status": status_document(ctx, status),
        }
        for row in reversed(rows)
        if (status := ctx.world.statuses.get(row.status_id)) is not None
    ]
    return Answer(body=shown[:40])


def statuses(ctx: Context, account_id: str) -> Answer:
    """A page of an account's statuses, newest id first; `min_id` gives the page directly above."""
    account = _account(ctx, account_id)
    limit = _limit(ctx)
    rows: list[Status] = []
    for row in _walk(ctx, account):
        if _wanted(ctx, account, row):
            rows.append(row)
            if len(rows) == limit:
                break
    if ctx.call.text("min_id"):
        rows.reverse()
    full = len(rows) == limit
    return Answer(
        body=[status_document(ctx, row) for row in rows],
        headers=(("Link", _links(ctx, account, rows)),) if full and ctx.profile.link_header else (),
    )


def _walk(ctx: Context, account: Account) -> Iterator[Status]:
    """Newest first, or oldest first above `min_id`, within the bounds that the client names."""
    timeline = ctx.world.indexes.timelines.get(account.id, [])
    low, high = 0, len(timeline)
    maximum = ctx.call.text("max_id")
    minimum = ctx.call.text("min_id") or ctx.call.text("since_id")
    if maximum:
        high = bisect.bisect_left(timeline, (rank(maximum), ""))
    if minimum:
        low = bisect.bisect_right(timeline, (rank(minimum), "\U0010ffff"))
    upwards = bool(ctx.call.text("min_id"))
    positions = range(low, high) if upwards else range(high - 1, low - 1, -1)
    return (ctx.world.statuses[timeline[position][1]] for position in positions)


def _wanted(ctx: Context, account: Account, row: Status) -> bool:
    call = ctx.call
    hidden = ctx.profile.hides_private and row.visibility not in {"public", "unlisted"}
    if hidden or not sees(ctx, row):
        return False
    parent = ctx.world.statuses.get(row.in_reply_to_id or "")
    to_other = parent is not None and parent.account_id != account.id
    return not (
        (call.truth("exclude_reblogs") and row.reblog_of_id is not None)
        or (call.truth("exclude_replies") and to_other)
        or (call.truth("only_media") and not row.media_ids)
        or (call.truth("pinned") and row.id not in account.pinned)
        or (call.truth("exclude_direct") and row.visibility == "direct")
    )


def _limit(ctx: Context) -> int:
    asked = ctx.call.number("limit")
    wanted = abs(asked) if asked else ctx.profile.page_default
    return min(wanted, ctx.profile.page_limit)


def _links(ctx: Context, account: Account, rows: list[Status]) -> str:
    base = f"{ctx.site.base_url}/api/v1/accounts/{account.id}/statuses?limit={_limit(ctx)}"
    if ctx.call.truth("exclude_reblogs"):
        base += "&exclude_reblogs=true"
    return f'<{base}&max_id={rows[-1].id}>; rel="next", <{base}&min_id={rows[0].id}>; rel="prev"'


def _account(ctx: Context, account_id: str) -> Account:
    account = ctx.world.accounts.get(account_id)
    if account is None:
        raise Problem("not_found")
    return account


def _fields(attributes: object, account: Account) -> tuple[tuple[str, str], ...]:
    """Four at most; Rails sends a list, or a mapping with numbers as keys."""
    if attributes is None:
        return account.fields
    rows = list(attributes.values()) if isinstance(attributes, dict) else cast(list[object], attributes)
    named = [row for row in rows if isinstance(row, dict) and row.get("name")]
    return tuple((str(row["name"]), str(row.get("value", ""))) for row in named[:4])


def _or(said: str | None, before: str) -> str:
    return before if said is None else said


def _or_bool(said: bool | None, before: bool) -> bool:  # noqa: FBT001 -- two values of one kind
    return before if said is None else said
