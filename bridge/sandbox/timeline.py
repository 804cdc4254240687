"""The account as a page to look at: "this is how your profile will look"."""

from __future__ import annotations

import bisect
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from markupsafe import Markup

from bridge.sandbox.pictures import plain_portrait
from bridge.sandbox.rules.calls import HTML, Answer, Context
from bridge.sandbox.rules.documents import moment
from bridge.sandbox.rules.formatting import hashtags, to_html
from bridge.sandbox.rules.ids import rank
from bridge.sandbox.rules.state import Account, Medium, Status
from bridge.sandbox.templating import headers, render

THREADS_A_PAGE = 20
SHOWN_OF_A_THREAD = 4  # the rest is one click away
NAMES = {"gotosocial": "GoToSocial", "glitch": "glitch-soc", "snac": "snac", "iceshrimp": "Iceshrimp.NET"}
FILMS = {"video/mp4", "video/webm", "video/quicktime"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    kind: str  #: image, film, sound, other
    url: str
    width: int
    height: int
    description: str
    loops: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A status, ready to be drawn."""

    id: str
    url: str
    author: Account
    text: Markup
    warning: str
    hides_media: bool
    pictures: tuple[Picture, ...]
    choices: tuple[str, ...]
    quote: Card | None
    lost_quote: bool
    at: str
    at_iso: str
    visibility: str
    language: str | None
    edited: bool
    pinned: bool
    boosted_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A thread, oldest first; `more` of it are left out."""

    cards: tuple[Card, ...]
    more: int


_NOBODY = frozenset(
    {"/practice/avatar.png", "/avatars/original/missing.png", "/headers/original/missing.png"}
)


def page(ctx: Context, path: str) -> Answer | None:
    """The page at `path`, or None when there is no page and the API may know it."""
    if ctx.call.method not in {"GET", "HEAD"}:
        return None
    if path in _NOBODY:
        return Answer(body=plain_portrait(), content_type="image/png")
    first = next(iter(ctx.world.accounts.values()))
    parts = [part for part in path.split("/") if part]
    match parts:
        case []:
            return _profile(ctx, first)
        case ["tags", name]:
            return _tag(ctx, first, name)
        case [name] if name.startswith("@"):
            return _profile(ctx, _named(ctx, name))
        case [name, status_id] if name.startswith("@"):
            return _status(ctx, ctx.world.statuses.get(status_id))
    return None


def _named(ctx: Context, name: str) -> Account | None:
    local = name.removeprefix("@").partition("@")[0].lower()
    return ctx.world.accounts.get(ctx.world.indexes.names.get(local, ""))


def _profile(ctx: Context, account: Account | None) -> Answer:
    if account is None:
        return _nothing()
    only = "media" if ctx.call.text("only") == "media" else "posts"
    before = ctx.call.text("before")
    roots = list(_roots(ctx, account, before, only=only))
    shown, left = roots[:THREADS_A_PAGE], roots[THREADS_A_PAGE:]
    groups = tuple(_group(ctx, account, root, whole=only == "media") for root in shown)
    older = _address(account, only=only, before=shown[-1].id) if left else None
    pinned = [ctx.world.statuses[one] for one in account.pinned if one in ctx.world.statuses]
    top = (
        [Group(cards=(_card(ctx, row),), more=0) for row in pinned] if not before and only == "posts" else []
    )
    return _page(
        "profile.html",
        **_common(ctx, account),
        note=Markup(to_html(account.note, ctx.site)),  # noqa: S704 -- to_html escapes
        fields=[(name, Markup(to_html(value, ctx.site))) for name, value in account.fields],  # noqa: S704
        groups=(*top, *groups),
        only=only,
        posts_url=_address(account),
        media_url=_address(account, only="media"),
        older=older,
        newest=_address(account, only=only) if before else None,
    )


def _status(ctx: Context, row: Status | None) -> Answer:
    """One status within its thread."""
    if row is None:
        return _nothing()
    root = row
    while (parent := ctx.world.statuses.get(root.in_reply_to_id or "")) is not None:
        root = parent
    account = ctx.world.accounts[row.account_id]
    group = Group(cards=tuple(_card(ctx, one) for one in (root, *_answers(ctx, root))), more=0)
    return _page("thread.html", **_common(ctx, account), group=group, current=row.id, back=_address(account))


def _tag(ctx: Context, account: Account, name: str) -> Answer:
    wanted = name.lower()
    rows = [one for one in ctx.world.statuses.values() if wanted in map(str.lower, hashtags(one.text))]
    newest = sorted(rows, key=lambda row: row.number, reverse=True)[:40]
    groups = tuple(Group(cards=(_card(ctx, row),), more=0) for row in newest)
    return _page("tag.html", **_common(ctx, account), tag=name, groups=groups)


def _common(ctx: Context, account: Account) -> dict[str, object]:
    timeline = ctx.world.indexes.timelines.get(account.id, [])
    return {
        "account": account,
        "domain": ctx.site.domain,
        "software": f"{NAMES.get(ctx.profile.name, ctx.profile.name.title())} {ctx.profile.version}",
        "count": len(timeline),
        "avatar": f"/media/{account.avatar}" if account.avatar else None,
        "banner": f"/media/{account.header}" if account.header else None,
        "home": _address(account),
        "joined": _day(account.created_at),
    }


def _roots(ctx: Context, account: Account, before: str | None, *, only: str) -> Iterator[Status]:
    """Beginnings of threads, newest first, one more than a page holds; `media`: whatever has some."""
    timeline = ctx.world.indexes.timelines.get(account.id, [])
    end = bisect.bisect_left(timeline, (rank(before), "")) if before else len(timeline)
    found = 0
    for position in range(end - 1, -1, -1):
        row = ctx.world.statuses[timeline[position][1]]
        wanted = bool(row.media_ids) if only == "media" else _begins(ctx, row)
        if wanted:
            yield row
            found += 1
            if found > THREADS_A_PAGE:
                return


def _begins(ctx: Context, row: Status) -> bool:
    parent = ctx.world.statuses.get(row.in_reply_to_id or "")
    return parent is None or parent.account_id != row.account_id


def _group(ctx: Context, account: Account, root: Status, *, whole: bool) -> Group:
    if whole:
        return Group(cards=(_card(ctx, root),), more=0)
    rows = [root, *(one for one in _answers(ctx, root) if one.account_id == account.id)]
    shown = rows if len(rows) <= SHOWN_OF_A_THREAD + 1 else rows[:SHOWN_OF_A_THREAD]
    return Group(cards=tuple(_card(ctx, row) for row in shown), more=len(rows) - len(shown))


def _answers(ctx: Context, root: Status) -> list[Status]:
    found: list[Status] = []
    waiting = list(reversed(ctx.world.indexes.replies.get(root.id, ())))
    while waiting:
        one = ctx.world.statuses[waiting.pop()]
        found.append(one)
        waiting.extend(reversed(ctx.world.indexes.replies.get(one.id, ())))
    return found


def _card(ctx: Context, row: Status, *, within: bool = False) -> Card:
    """`within` another card, a quote's own quote is not drawn."""
    boosted = ctx.world.statuses.get(row.reblog_of_id or "")
    if boosted is not None:
        by = ctx.world.accounts[row.account_id]
        return replace(_card(ctx, boosted), boosted_by=by.display_name or by.username)
    author = ctx.world.accounts[row.account_id]
    quoted = ctx.world.statuses.get(row.quote_of_id or "")
    media = [ctx.world.media[one] for one in row.media_ids if one in ctx.world.media]
    return Card(
        id=row.id,
        url=f"/@{author.username}/{row.id}",
        author=author,
        text=Markup(to_html(row.text, ctx.site)),  # noqa: S704 -- to_html escapes
        warning=row.spoiler_text,
        hides_media=row.sensitive and not row.spoiler_text and bool(media),
        pictures=tuple(_picture(one) for one in media),
        choices=row.poll.options if row.poll else (),
        quote=_card(ctx, quoted, within=True) if quoted is not None and not within else None,
        lost_quote=row.quote_of_id is not None and quoted is None,
        at=f"{_day(row.created_at)}, {row.created_at:%H:%M}",
        at_iso=moment(row.created_at),
        visibility=row.visibility,
        language=row.language if ctx.profile.keeps_language else None,
        edited=row.edited_at is not None,
        pinned=row.id in author.pinned,
        boosted_by=None,
    )


def _picture(medium: Medium) -> Picture:
    kind = "other"
    if medium.mime.startswith("image/"):
        kind = "image"
    elif medium.mime in FILMS:
        kind = "film"
    elif medium.mime.startswith("audio/"):
        kind = "sound"
    return Picture(
        kind=kind,
        url=f"/media/{medium.id}",
        width=medium.width or 16,
        height=medium.height or 9,
        description=medium.description or "",
        loops=medium.type == "gifv",
    )


def _day(at: datetime) -> str:
    return f"{at.day} {at:%B %Y}"


def _address(account: Account, *, only: str = "posts", before: str | None = None) -> str:
    asked = {"only": only if only != "posts" else None, "before": before}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/@{account.username}" + (f"?{query}" if query else "")


def _page(template: str, **values: object) -> Answer:
    return Answer(body=render(template, **values), content_type=HTML, headers=headers())


def _nothing() -> Answer:
    return Answer(status=404, body=render("nothing.html"), content_type=HTML, headers=headers())
