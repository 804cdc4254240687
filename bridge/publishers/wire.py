"""What servers of the Mastodon API send, read into values; lenient in types, strict about ids."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import msgspec

from bridge.publishers.base import Identity, Quota, Receipt, Upload
from bridge.publishers.match import html_to_text

_SECOND = timedelta(seconds=1)

Wire = Mapping[str, object]


def as_map(value: object) -> Wire | None:
    """A JSON object, or None for anything else."""
    return value if isinstance(value, dict) else None


def as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def text_of(value: object) -> str | None:
    """A non-empty string; numbers, which some servers use as ids, become their digits."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    return str(value) or None


def count_of(value: object) -> int | None:
    """A number above zero, in whatever dress."""
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.isascii() and value.isdigit():
        value = int(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and value > 0 else None


def moment(value: object) -> datetime | None:
    """An ISO 8601 time; a naive one is UTC."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)


def receipt_of(value: object, *, now: datetime) -> Receipt | None:
    """A status of the API; None when it is none. `now` stands in where a server leaves the date out."""
    status = as_map(value)
    remote_id = text_of(status.get("id")) if status else None
    if status is None or remote_id is None or (status.get("scheduled_at") and "content" not in status):
        return None
    attached = filter(None, map(as_map, as_list(status.get("media_attachments"))))
    media = [
        (found, text_of(entry.get("description")))
        for entry in attached
        if (found := text_of(entry.get("id")))
    ]
    sensitive = status.get("sensitive")
    passed_on = as_map(status.get("reblog"))
    return Receipt(
        remote_id=remote_id,
        url=_url_of(passed_on or status),
        created_at=moment(status.get("created_at")) or now,
        visibility=text_of(status.get("visibility")),
        in_reply_to_id=text_of(status.get("in_reply_to_id")),
        quote_id=_quote_of(status),
        media_ids=tuple(found for found, _ in media),
        descriptions=tuple(said or "" for _, said in media),
        text=_text_of_status(status),
        spoiler_text=text_of(status.get("spoiler_text")) or "",
        sensitive=sensitive if isinstance(sensitive, bool) else None,
        language=text_of(status.get("language")),
        reblog=passed_on is not None,
        reblog_of=text_of(passed_on.get("id")) if passed_on else None,
        author_id=text_of((as_map(status.get("account")) or {}).get("id")),
    )


def found_by(document: object, url: str) -> str | None:
    """The id of the status that a search for its address has found; nobody else's will do."""
    statuses = as_list((as_map(document) or {}).get("statuses"))
    shown = [status for status in map(as_map, statuses) if status is not None]
    named = [each for each in shown if url in (text_of(each.get("url")), text_of(each.get("uri")))]
    return text_of(named[0].get("id")) if named else None


def _url_of(status: Wire) -> str | None:
    return text_of(status.get("url")) or text_of(status.get("uri"))


def _text_of_status(status: Wire) -> str | None:
    """GoToSocial and snac tell the source as `text`; Takahe puts its HTML there (servers.md)."""
    source = status.get("text")
    if isinstance(source, str) and not source.lstrip().startswith("<p"):
        return source
    content = status.get("content")
    return html_to_text(content) if isinstance(content, str) else None


def _quote_of(status: Wire) -> str | None:
    quote = as_map(status.get("quote"))
    if quote is None:
        return text_of(status.get("quote_id"))
    quoted = as_map(quote.get("quoted_status"))
    return text_of(quote.get("quoted_status_id")) or text_of((quoted or quote).get("id"))


def upload_of(value: object) -> Upload | None:
    """Ready is what has its URL: Akkoma answers 202 to finished uploads, Mastodon 206 to unfinished ones."""
    media = as_map(value)
    remote_id = text_of(media.get("id")) if media else None
    if media is None or remote_id is None:
        return None
    return Upload(remote_id=remote_id, ready=text_of(media.get("url")) is not None)


def identity_of(value: object, *, domain: str, scopes: tuple[str, ...] | None = None) -> Identity | None:
    account = as_map(value)
    own_id = text_of(account.get("id")) if account else None
    name = text_of(account.get("acct")) or text_of(account.get("username")) if account else None
    if account is None or own_id is None or name is None:
        return None
    moved = as_map(account.get("moved"))
    bot = account.get("bot")
    return Identity(
        id=own_id,
        account=f"@{name}" if "@" in name else f"@{name}@{domain}",
        display_name=text_of(account.get("display_name")) or name,
        url=text_of(account.get("url")),
        moved_to=(text_of(moved.get("acct")) or text_of(moved.get("url"))) if moved else None,
        suspended=account.get("suspended") is True,
        scopes=scopes,
        bot=bot if isinstance(bot, bool) else None,
        statuses=_tally(account.get("statuses_count")),
        followers=_tally(account.get("followers_count")),
    )


def _tally(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def server_time(headers: Mapping[str, str]) -> datetime | None:
    """The server's clock, by its `Date`."""
    try:
        found = parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError):
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def quota_of(headers: Mapping[str, str], *, now: datetime) -> Quota | None:
    """The window of the `X-RateLimit-*` headers (names in lower case), moved to this machine's clock."""
    limit = _tally_text(headers.get("x-ratelimit-limit"))
    remaining = _tally_text(headers.get("x-ratelimit-remaining"))
    reset = _reset(headers.get("x-ratelimit-reset"))
    if limit is None or remaining is None or reset is None:
        return None
    left = max((reset - (server_time(headers) or now)).total_seconds(), 0.0)
    return Quota(limit=limit, remaining=remaining, reset=now + timedelta(seconds=left), seconds_left=left)


def _tally_text(value: str | None) -> int | None:
    return int(value) if value and re.fullmatch(r"[0-9]{1,9}", value) else None


def _reset(value: str | None) -> datetime | None:
    """ISO 8601 on Mastodon, seconds since the epoch on old versions of GoToSocial."""
    if value is None:
        return None
    if re.fullmatch(r"[0-9]{9,11}", value):
        return datetime.fromtimestamp(int(value), UTC)
    return moment(value)


def retry_at(headers: Mapping[str, str], *, now: datetime) -> datetime | None:
    """When a 429 or 503 says to come back, on this machine's clock; None when it does not say.

    Mastodon's window ends with the fraction of a second of the moment of asking: a second more is safe.
    """
    wish = headers.get("retry-after", "")
    if re.fullmatch(r"[0-9]{1,6}", wish):
        return now + timedelta(seconds=int(wish))
    try:
        at = parsedate_to_datetime(wish) if wish else None
    except ValueError:
        at = None
    if at is not None and at.tzinfo is not None:
        return now + max(at - (server_time(headers) or now), timedelta())
    quota = quota_of(headers, now=now)
    return quota.reset + _SECOND if quota is not None and quota.remaining == 0 else None


def words_of(body: bytes) -> str | None:
    """The server's own words about what is wrong, when the answer is a JSON document that has them."""
    try:
        document = as_map(msgspec.json.decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if document is None:
        return None
    error = document.get("error")
    inner = as_map(error)
    if inner is not None:  # Misskey's family: {"error": {"code", "message"}}
        return text_of(inner.get("message")) or text_of(inner.get("code"))
    return text_of(error) or text_of(document.get("message")) or text_of(document.get("error_description"))
