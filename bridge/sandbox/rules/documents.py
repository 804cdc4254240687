"""Rows as the JSON that clients read (reference: fediverse-rules §3.4, §4.1)."""

from __future__ import annotations

import html
from datetime import datetime

from bridge.sandbox.rules.calls import Context
from bridge.sandbox.rules.formatting import hashtags, link, to_html
from bridge.sandbox.rules.profiles import Profile
from bridge.sandbox.rules.state import Account, App, Medium, Status

Document = dict[str, object]


def moment(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def account_url(ctx: Context, account: Account) -> str:
    return f"{ctx.site.base_url}/@{account.username}"


def status_url(ctx: Context, status: Status) -> str:
    if status.origin is not None:
        return status.origin
    author = ctx.world.accounts[status.account_id]
    return f"{account_url(ctx, author)}/{status.id}"


def account_document(ctx: Context, account: Account, *, own: bool = False) -> Document:
    """An Account; `own` adds what only its owner is told."""
    avatar, header = _pictures(ctx, account)
    timeline = ctx.world.indexes.timelines.get(account.id, [])
    document: Document = {
        "id": account.id,
        "username": account.username,
        "acct": account.username,
        "display_name": account.display_name,
        "locked": account.locked,
        "bot": account.bot,
        "discoverable": False,
        "group": False,
        "created_at": moment(account.created_at),
        "note": to_html(account.note, ctx.site),
        "url": account_url(ctx, account),
        "uri": f"{ctx.site.base_url}/users/{account.username}",
        "avatar": avatar,
        "avatar_static": avatar,
        "header": header,
        "header_static": header,
        "followers_count": 0,
        "following_count": 0,
        "statuses_count": len(timeline),
        "last_status_at": None,
        "emojis": [],
        "roles": [],
        "fields": [
            {"name": name, "value": to_html(value, ctx.site), "verified_at": None}
            for name, value in account.fields
        ],
    }
    if account.moved_to is not None:
        document["moved"] = {"id": "1", "acct": account.moved_to, "username": account.moved_to}
    return document | (_own(account) if own else {})


def _pictures(ctx: Context, account: Account) -> tuple[str, str]:
    """Avatar and header; for an account without one Mastodon names a file of its own."""
    base = ctx.site.base_url
    return (
        f"{base}/media/{account.avatar}" if account.avatar else f"{base}/avatars/original/missing.png",
        f"{base}/media/{account.header}" if account.header else f"{base}/headers/original/missing.png",
    )


def _own(account: Account) -> Document:
    source = {
        "privacy": account.default_visibility,
        "sensitive": account.default_sensitive,
        "language": account.default_language,
        "note": account.note,
        "fields": [{"name": name, "value": value, "verified_at": None} for name, value in account.fields],
        "follow_requests_count": 0,
    }
    return {"source": source, "role": {"id": "-99", "name": "", "permissions": "0", "color": ""}}


def medium_document(ctx: Context, medium: Medium) -> Document:
    """A MediaAttachment; `url` is null while the server works on it."""
    unfinished = medium.polls_left > 0
    url = f"{ctx.site.base_url}/media/{medium.id}"
    original: Document = {"width": medium.width, "height": medium.height}
    if medium.height:
        original |= {
            "size": f"{medium.width}x{medium.height}",
            "aspect": round(medium.width / medium.height, 5),
        }
    if medium.duration is not None:
        original |= {"duration": medium.duration, "frame_rate": "25/1"}
    return {
        "id": medium.id,
        "type": medium.type,
        "url": None if unfinished else url,
        "preview_url": url,
        "remote_url": None,
        "preview_remote_url": None,
        "text_url": None,
        "meta": {"original": original, "focus": {"x": medium.focus[0], "y": medium.focus[1]}},
        "description": medium.description,
        "blurhash": "UBL_:rOpGG-oBUNG,qRj2so|=eE1w^n4S5NH" if medium.type != "audio" else None,
    }


def status_document(ctx: Context, status: Status, *, source: bool = False) -> Document:
    """A Status; `source` gives `text` in place of `content`, as an answer to DELETE does."""
    world = ctx.world
    parent = world.statuses.get(status.in_reply_to_id or "")
    app = world.apps.get(status.app_id or "")
    url = status_url(ctx, status)
    document: Document = {
        "id": status.id,
        "created_at": moment(status.created_at),
        "in_reply_to_id": status.in_reply_to_id,
        "in_reply_to_account_id": parent.account_id if parent else None,
        "sensitive": status.sensitive,
        "spoiler_text": status.spoiler_text,
        "visibility": status.visibility,
        "language": status.language if ctx.profile.keeps_language else None,
        "uri": f"{ctx.site.base_url}/users/{world.accounts[status.account_id].username}/statuses/{status.id}",
        "url": url,
        "replies_count": len(world.indexes.replies.get(status.id, ())),
        "reblogs_count": len(boosts_of(ctx, status.id)),
        "favourites_count": 0,
        "quotes_count": 0,
        "edited_at": moment(status.edited_at) if status.edited_at else None,
        "favourited": False,
        "reblogged": any(
            ctx.token is not None and each.account_id == ctx.token.account_id
            for each in boosts_of(ctx, status.id)
        ),
        "muted": False,
        "bookmarked": False,
        "pinned": status.id in world.accounts[status.account_id].pinned,
        "filtered": [],
        "reblog": _reblog(ctx, status),
        "application": _application(app),
        "account": account_document(ctx, world.accounts[status.account_id]),
        "media_attachments": [
            medium_document(ctx, world.media[m]) for m in status.media_ids if m in world.media
        ],
        "mentions": [_mention(ctx, world.accounts[one]) for one in status.mentions],
        "tags": [
            {"name": tag.lower(), "url": f"{ctx.site.base_url}/tags/{tag.lower()}"}
            for tag in hashtags(status.text)
        ],
        "emojis": [],
        "card": None,
        "poll": poll_document(ctx, status),
    }
    if ctx.profile.quotes:
        document |= _quote(ctx, status)
    if source or ctx.profile.shows_text:
        document["text"] = status.text
    return document if source else document | {"content": content(ctx, status)}


def content(ctx: Context, status: Status) -> str:
    """The HTML of a status; a quote says so in front, for servers that know no quotes."""
    markup = to_html(status.text, ctx.site)
    quoted = ctx.world.statuses.get(status.quote_of_id or "")
    if quoted is None or status_url(ctx, quoted) in status.text:
        return markup
    return f'<p class="quote-inline">RE: {link(status_url(ctx, quoted))}</p>{markup}'


def poll_document(ctx: Context, status: Status) -> Document | None:
    if status.poll is None:
        return None
    return {
        "id": status.id,
        "expires_at": moment(status.poll.expires_at),
        "expired": status.poll.expires_at <= ctx.now,
        "multiple": status.poll.multiple,
        "votes_count": 0,
        "voters_count": 0,
        "voted": True,
        "own_votes": [],
        "options": [{"title": title, "votes_count": 0} for title in status.poll.options],
        "emojis": [],
    }


def media_kinds(profile: Profile) -> list[str]:
    """MIME types that the server says it takes."""
    kinds = {
        "image": ["image/jpeg", "image/png", "image/gif", "image/webp"],
        "video": ["video/mp4", "video/webm", "video/quicktime"],
        "audio": ["audio/mpeg", "audio/ogg", "audio/wav", "audio/flac"],
    }
    return [mime for kind, mimes in kinds.items() if kind in profile.media_types for mime in mimes]


def problem_page(title: str, message: str) -> bytes:
    """The small HTML page that a proxy or Rails shows instead of JSON."""
    return (
        f"<!DOCTYPE html><html><head><title>{html.escape(title)}</title></head>"
        f"<body><h1>{html.escape(title)}</h1><p>{html.escape(message)}</p></body></html>"
    ).encode()


def boosts_of(ctx: Context, status_id: str) -> list[Status]:
    """Those that stand, the oldest first."""
    boosts = ctx.world.indexes.boosts.get(status_id, ())
    return [ctx.world.statuses[one] for one in boosts if one in ctx.world.statuses]


def _application(app: App | None) -> Document | None:
    return {"name": app.name, "website": app.website} if app else None


def _mention(ctx: Context, account: Account) -> Document:
    return {
        "id": account.id,
        "username": account.username,
        "acct": account.username,
        "url": account_url(ctx, account),
    }


def _reblog(ctx: Context, status: Status) -> Document | None:
    original = ctx.world.statuses.get(status.reblog_of_id or "")
    return status_document(ctx, original) if original is not None else None


def _quote(ctx: Context, status: Status) -> Document:
    approval = {"automatic": ["public"], "manual": [], "current_user": "automatic"}
    if status.quote_of_id is None:
        return {"quote": None, "quote_approval": approval}
    quoted = ctx.world.statuses.get(status.quote_of_id)
    if quoted is None:
        return {"quote": {"state": "deleted", "quoted_status": None}, "quote_approval": approval}
    # One level deep, as the real answer is: the quote within a quote is only named by its id.
    inner = status_document(ctx, quoted) if quoted.quote_of_id is None else None
    shown = {"state": "accepted", "quoted_status": inner}
    return {
        "quote": shown if inner else {"state": "accepted", "quoted_status_id": quoted.id},
        "quote_approval": approval,
    }
