"""The questions to X API v2, and what its answers mean. Facts: openapi.json of xdevplatform/docs, 2.167.

Since then posts are asked for in one of two dialects; names of the other are passed over in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

import msgspec

from bridge.errors import Barred, BridgeError, Busy, NetworkError, SourceError
from bridge.posts import Author
from bridge.profile import Profile
from bridge.sources.exports.told import shaped
from bridge.sources.twitter_api.money import Prices, Purse
from bridge.sources.twitter_api.showing import profile_of
from bridge.sources.twitter_api.wire import Answer, Failure, Person, Problem, User
from bridge.sources.twitter_archive.origin import Unfit
from bridge.sources.web import Reply, Web, place

LEAST, MOST = 5, 100  #: posts of a page
SERVER = "https://api.x.com"
_SHOWN = "description,entities,location,name,profile_banner_url,profile_image_url,url"

T = TypeVar("T")

_LATER = frozenset({408, 425, 500, 502, 503, 504})
_LONGEST_WINDOW = timedelta(days=1)
_CYCLE = timedelta(days=1)  # nobody says when a cycle of billing ends


class Dialect(StrEnum):
    LEGACY = "tweet"
    CURRENT = "post"


def _fields(name: str) -> dict[str, str]:
    """No expansion of users: each would be billed, and what posts mention tells the same."""
    plural = {"tweet": "tweets", "post": "posts"}[name]
    fields = (
        "attachments", "author_id", "community_id", "created_at", f"edit_history_{name}_ids", "entities",
        "in_reply_to_user_id", "lang", f"note_{name}", "possibly_sensitive", "public_metrics",
        f"referenced_{plural}",
    )  # fmt: skip
    expansions = (
        "attachments.media_keys", "attachments.poll_ids", f"referenced_{plural}.id",
        f"referenced_{plural}.id.attachments.media_keys",
    )  # fmt: skip
    return {
        f"{name}.fields": ",".join(fields),
        "expansions": ",".join(expansions),
        "media.fields": "alt_text,duration_ms,height,media_key,preview_image_url,type,url,variants,width",
        "poll.fields": "duration_minutes,end_datetime,id,options,voting_status",
    }


class Key(Protocol):
    """What lets us in; never shown."""

    def token(self) -> str: ...

    def renew(self) -> bool:
        """Whether there is another token now, after one was refused."""
        ...


class StaleTokenError(SourceError):
    """It does not know the `pagination_token` any more."""


class Api:
    def __init__(
        self, url: str, web: Web, *, key: Key, purse: Purse, prices: Prices, now: Callable[[], datetime]
    ) -> None:
        self._url, self._web, self._key = url.rstrip("/"), web, key
        self._purse, self._prices, self._now = purse, prices, now

    @property
    def where(self) -> str:
        return place(self._url).partition("://")[2].rstrip("/")

    def user(self, who: Author) -> Author:
        """The account with its number and its name. `SourceError`: there is none."""
        path = f"/2/users/{who.id}" if who.id.isdigit() else f"/2/users/by/username/{who.handle}"
        return _author(self._user(path, {}))

    def profile(self, user_id: str) -> Profile:
        """What the account shows of itself; billed as a user."""
        return profile_of(self._user(f"/2/users/{user_id}", {"user.fields": _SHOWN}))

    def me(self) -> Author:
        """Whose token it is."""
        return _author(self._user("/2/users/me", {}))

    def _user(self, path: str, query: Mapping[str, str]) -> User:
        self._purse.hold(path, price=self._prices.user, wanted=1)
        person = self._read(self._get(path, query), Person)
        self._purse.settle(self._prices.user if person.data else 0)
        if person.data is None or not person.data.id:
            raise self._without_data(person.errors)
        return person.data

    def posts(
        self, user_id: str, asked: Mapping[str, str | None], dialect: Dialect, *, wanted: int = MOST
    ) -> Answer:
        """A page of the timeline, newest first. `asked`: since_id, until_id, pagination_token."""
        path = f"/2/users/{user_id}/tweets"
        only = {name: value for name, value in asked.items() if value}
        size = self._purse.hold(
            f"{path}?{urlencode(only)}", price=self._prices.at_most, wanted=wanted, least=LEAST
        )
        reply = self._get(path, {"max_results": str(size), **only, **_fields(dialect)})
        if reply.status == 400 and "pagination_token" in only:
            self._purse.settle(0)
            raise StaleTokenError(f"{self.where} does not know the place where reading stopped.")
        page = self._read(reply, Answer)
        self._purse.settle(self._prices.of(page))
        if not page.data and page.meta is None and page.errors:
            raise self._without_data(page.errors)
        return page

    def lookup(self, ids: Sequence[str]) -> tuple[Sequence[str], Answer]:
        """The first of these posts, as many as there is money for, and what X has of them: no more than that
        they are there."""
        path = "/2/tweets"
        size = self._purse.hold(
            f"{path}?ids={','.join(ids)}", price=self._prices.own_post, wanted=len(ids), least=1
        )
        answer = self._read(self._get(path, {"ids": ",".join(ids[:size])}), Answer)
        self._purse.settle(self._prices.of(answer))
        return ids[:size], answer

    def _get(self, path: str, query: Mapping[str, str]) -> Reply:
        url = self._url + path + (f"?{urlencode(query)}" if query else "")
        reply = self._web.get(url, headers=self._headers())
        if reply.status == 401 and self._let_in(self._key.renew):
            reply = self._web.get(url, headers=self._headers())
        return reply

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._let_in(self._key.token)}", "Accept": "application/json"}

    def _let_in(self, ask: Callable[[], T]) -> T:
        """Where there is no token to be had nothing is read, and nothing costs anything."""
        try:
            return ask()
        except BridgeError:
            self._purse.settle(0)
            raise

    def _read(self, reply: Reply, shape: type[T]) -> T:
        if not 200 <= reply.status < 300:
            self._purse.settle(0)
            raise self._problem(reply)
        try:
            return _decoded(reply.body, shape)
        except (msgspec.DecodeError, UnicodeDecodeError, Unfit):
            raise NetworkError(
                f"{self.where} answered something that is not its own JSON.", hint="Try again later."
            ) from None

    def _problem(self, reply: Reply) -> SourceError | NetworkError:
        said, kind = _said(reply.body)
        words = f" ({said})" if said else ""
        if reply.status == 429:
            if kind == "usage-capped":
                return Busy(
                    f"{self.where} gives no more posts in this cycle of billing{words}.",
                    until=self._now() + _CYCLE,
                )
            return Busy(f"{self.where} wants us to wait{words}.", until=_reset(reply, self._now()))
        if reply.status in _LATER:
            return Busy(f"{self.where} answered {reply.status}: not now{words}.")
        return _refusals(self.where, words).get(reply.status) or SourceError(
            f"{self.where} answered {reply.status}{words}."
        )

    def _without_data(self, problems: list[Problem]) -> SourceError:
        """A good answer that holds nothing but why."""
        problem = problems[0] if problems else Problem()
        if (problem.type or "").endswith("/not-authorized-for-resource"):
            return Barred(
                f"{self.where} does not show these posts: the account is protected.",
                hint="Log in as that account: `passerelle login x`.",
            )
        words = problem.detail or problem.title or "it gives no reason"
        return SourceError(
            f"{self.where} does not have this account: {words}.".replace("..", "."),
            hint="It may be renamed, suspended or gone; `account` may be its number, too.",
        )


def _author(user: User) -> Author:
    return Author(id=user.id or "", handle=user.username, name=user.name)


def _decoded(body: bytes, shape: type[T]) -> T:
    """As its spec has it, or, at several times the price, with nulls and numbers where it has none."""
    try:
        return msgspec.json.decode(body, type=shape)
    except msgspec.ValidationError:
        return shaped(msgspec.json.decode(body, type=dict[str, Any]), shape)


def _refusals(where: str, words: str) -> dict[int, SourceError]:
    return {
        401: Barred(f"{where} does not accept the token{words}.", hint="Run `passerelle login x`."),
        402: Barred(
            f"There are no credits left at {where}{words}; it is not asked again by itself.",
            hint="Buy credits in X's developer console, then run this again.",
        ),
        403: Barred(
            f"{where} does not let this app or its plan read these posts{words}.",
            hint="Look at the app in X's developer console; for a protected account, log in as it:"
            " `passerelle login x`.",
        ),
        404: SourceError(
            f"{where} does not have this account{words}.", hint="It may be renamed, suspended or gone."
        ),
    }


def _said(body: bytes) -> tuple[str, str]:
    """The reason in its own words, and the last part of what it calls the type of the problem."""
    try:
        failure = shaped(msgspec.json.decode(body, type=dict[str, Any]), Failure)
    except (msgspec.DecodeError, UnicodeDecodeError, Unfit):
        return "", ""
    old = next((each.message for each in failure.errors if each.message), None)
    words = failure.detail or old or failure.title or ""
    return words.rstrip(".")[:300], (failure.type or "").rpartition("/")[2]


def _reset(reply: Reply, now: datetime) -> datetime | None:
    """When a window opens again; a window is a quarter of an hour, some last a day."""
    said = reply.headers.get("x-rate-limit-reset", "")
    if not said.isdecimal() or len(said) > 11:
        return None
    return min(datetime.fromtimestamp(int(said), UTC), now + _LONGEST_WINDOW)
