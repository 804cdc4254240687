"""Whose archive it is: by the surest witness that is there.

Manifest, `account.js`, the header file, the handle in the links of own media, the account that own answers go
to. A copy of which only `tweets.js` was kept may name nobody: it then takes the identity of the archive
that it is read together with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice

from bridge.posts import Author
from bridge.sources.twitter_archive.container import Container
from bridge.sources.twitter_archive.export import read_small
from bridge.sources.twitter_archive.layout import Layout, Role
from bridge.sources.twitter_archive.links import status_link
from bridge.sources.twitter_archive.posting import media_items
from bridge.sources.twitter_archive.script import Script, Unreadable
from bridge.sources.twitter_archive.wire import (
    IDS,
    RECORDS,
    AccountRecord,
    Manifest,
    Tweet,
    UserDetails,
)

_SAMPLE = 20_000  #: tweets that are looked at for a clue


def owner_of(container: Container, layout: Layout, manifest: Manifest | None) -> Author:
    """The owner; id "" when nothing tells it."""
    if layout.family == "G":
        return _grailbird_owner(container, layout)
    witnesses = (
        _by_manifest(manifest),
        _by_account(container, layout),
        _by_headers(container, layout),
    )
    known = [witness for witness in witnesses if witness]
    best = next((witness for witness in known if witness.id), None)
    if best is None:
        best = _by_tweets(container, layout)
        return Author(id=best.id, handle=_first(known, "handle") or best.handle, name=_first(known, "name"))
    same = [witness for witness in known if witness.id in (best.id, "")]
    handle = _first(same, "handle") or _by_tweets(container, layout).handle
    return Author(id=best.id, handle=handle, name=_first(same, "name"))


def _first(witnesses: list[Author], field: str) -> str | None:
    return next((getattr(witness, field) for witness in witnesses if getattr(witness, field)), None)


def _author(account_id: object, handle: str | None, name: str | None) -> Author | None:
    number = str(account_id) if account_id is not None else ""
    number = number if number.isascii() and number.isdigit() else ""
    return Author(id=number, handle=handle or None, name=name or None) if number or handle else None


def _by_manifest(manifest: Manifest | None) -> Author | None:
    user = manifest.user_info if manifest else None
    return _author(user.account_id, user.user_name, user.display_name) if user else None


def _by_account(container: Container, layout: Layout) -> Author | None:
    records = read_small(container, layout.of(Role.ACCOUNT), list[AccountRecord]) or []
    account = next((record.account for record in records if record.account), None)
    return _author(account.account_id, account.username, account.account_display_name) if account else None


def _by_headers(container: Container, layout: Layout) -> Author | None:
    for member in layout.of(Role.HEADERS):
        with container.open(member) as stream:
            for item in Script(stream, IDS):
                header = None if isinstance(item, Unreadable) else item.tweet or item
                if header and header.user_id:
                    return _author(header.user_id, None, None)
    return None


def _by_tweets(container: Container, layout: Layout) -> Author:
    """Own media link to `/<handle>/status/<own id>/`; answers to an own tweet name the own account."""
    handles: Counter[str] = Counter()
    answered: Counter[str] = Counter()
    own: set[str] = set()
    answers: list[tuple[str, str]] = []
    for tweet in islice(_tweets(container, layout), _SAMPLE):
        own.add(tweet.id_str or "")
        for item in media_items(tweet)[:1]:
            link = status_link(item.expanded_url or "")
            if link and link[1] and link[0] == tweet.id_str:
                handles[link[1]] += 1
        if tweet.in_reply_to_status_id_str and tweet.in_reply_to_user_id_str:
            answers.append((tweet.in_reply_to_status_id_str, tweet.in_reply_to_user_id_str))
    answered.update(user for parent, user in answers if parent in own)
    handle = handles.most_common(1)[0][0] if handles else None
    return Author(id=answered.most_common(1)[0][0] if answered else "", handle=handle)


def _tweets(container: Container, layout: Layout) -> Iterator[Tweet]:
    for member in (*layout.of(Role.TWEETS), *layout.of(Role.MONTH)):
        with container.open(member) as stream:
            for item in Script(stream, RECORDS):
                if not isinstance(item, Unreadable):
                    yield item.tweet or item


def _grailbird_owner(container: Container, layout: Layout) -> Author:
    details = read_small(container, layout.of(Role.USER), UserDetails)
    if details:
        stated = _author(details.id_str or details.id, details.screen_name, details.full_name)
        if stated and stated.id:
            return stated
    users: Counter[tuple[str, str | None]] = Counter()
    for tweet in islice(_tweets(container, layout), _SAMPLE):
        if tweet.user and tweet.user.id_str:
            users[tweet.user.id_str, tweet.user.screen_name] += 1
    number, handle = users.most_common(1)[0][0] if users else ("", None)
    return Author(id=number, handle=handle)
