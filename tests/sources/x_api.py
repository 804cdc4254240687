"""An invented X API v2: a timeline over a socket, in both dialects, that counts every post it hands out.

Written from its spec (openapi.json 2.167): newest first, `since_id` and `until_id` exclusive, `data` absent
when empty, names of the other dialect passed over in silence.
"""

from __future__ import annotations

import base64
import hashlib
import socket
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from bridge.errors import Spent
from bridge.posts import Author
from bridge.sources.twitter_api.money import Prices
from bridge.sources.twitter_api.timeline import Timeline
from tests.publishers.wires import answer
from tests.sources.archives import HANDLE, OWNER_ID

Record = dict[str, Any]
NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
OWNER = Author(id=OWNER_ID, handle=HANDLE)
PRICES = Prices(own_post=1_000, post=5_000, user=10_000)
PROBLEMS = "https://api.x.com/2/problems/"

#: Names of the current spec, for those of the legacy dialect.
RENAMED = {
    "note_tweet": "note_post",
    "referenced_tweets": "referenced_posts",
    "edit_history_tweet_ids": "edit_history_post_ids",
}


def tweet(number: int | str, text: str = "Hello", **more: Any) -> Record:
    return {
        "id": str(number),
        "text": text,
        "author_id": OWNER_ID,
        "created_at": "2015-01-07T10:00:00.000Z",
        "lang": "fr",
        "edit_history_tweet_ids": [str(number)],
        **more,
    }


def number(at: datetime) -> int:
    """An id of that instant."""
    return (int(at.timestamp() * 1000) - 1_288_834_974_657) << 22


def problem(kind: str, *, title: str = "", detail: str = "", **more: Any) -> Record:
    return {"title": title or kind, "detail": detail, "type": PROBLEMS + kind, **more}


@dataclass
class FakeX:
    """`faults`: answers that are given instead, in order. `dialect`: the only one that it speaks, if any."""

    tweets: list[Record] = field(default_factory=list)
    included: dict[str, list[Record]] = field(default_factory=dict)
    errors: list[Record] = field(default_factory=list)
    faults: list[tuple[int, Any, dict[str, str]]] = field(default_factory=list)
    dialect: str | None = None
    protected: bool = False
    token: str = "good"
    page: int = 100  #: posts of a page at most
    repeats: bool = False  #: every token leads to the same page
    forgets: bool = False  #: tokens are refused
    hidden: set[str] = field(default_factory=set)  #: ids that nobody may see
    suspended: bool = False
    shows: Record = field(default_factory=dict)  #: of itself, to who asks for it
    served: Counter[str] = field(default_factory=Counter)
    asked: list[dict[str, str]] = field(default_factory=list)
    looked_up: list[list[str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    verifier: str = ""
    refreshed: int = 0

    def __call__(self, connection: socket.socket, request: bytes) -> None:
        head, _, body = request.decode().partition("\r\n\r\n")
        url = urlsplit(head.split(" ", 2)[1])
        self.paths.append(url.path)
        status, document, headers = self._answer(url.path, dict(parse_qsl(url.query)), head, body)
        answer(document, status=status, headers=headers)(connection, request)

    def _answer(
        self, path: str, query: dict[str, str], head: str, body: str
    ) -> tuple[int, Any, dict[str, str]]:
        if path == "/2/oauth2/token":
            return self._grant({name: values[0] for name, values in parse_qs(body).items()})
        if path == "/2/oauth2/revoke":
            self.token = "revoked"
            return 200, {"revoked": True}, {}
        if f"authorization: bearer {self.token}" not in head.lower():
            return 401, problem("", title="Unauthorized", detail="Unauthorized", status=401), {}
        if self.faults:
            return self.faults.pop(0)
        if path == "/2/tweets" and "ids" not in query:
            return 400, problem("invalid-request", title="Invalid Request", status=400), {}
        if path == "/2/tweets":
            return self._lookup(query["ids"].split(","))
        if self.suspended and not path.endswith("/tweets"):
            return 200, {"errors": [problem("resource-not-found", detail="User has been suspended.")]}, {}
        if path in ("/2/users/me", f"/2/users/{OWNER_ID}", f"/2/users/by/username/{HANDLE}"):
            shows = self.shows if "user.fields" in query else {}
            return 200, {"data": {"id": OWNER_ID, "username": HANDLE, "name": "The Museum", **shows}}, {}
        if path.startswith("/2/users/by/username/"):
            missing = problem(
                "resource-not-found", detail=f"Could not find user with username: [{path[22:]}]."
            )
            return 200, {"errors": [missing]}, {}
        assert path == f"/2/users/{OWNER_ID}/tweets", path
        return self._timeline(query)

    def _lookup(self, ids: list[str]) -> tuple[int, Any, dict[str, str]]:
        assert 1 <= len(ids) <= 100
        self.looked_up.append(ids)
        there = set() if self.suspended else {each["id"] for each in self.tweets} - self.hidden
        document: Record = {}
        if found := [{"id": each, "text": "Hello"} for each in ids if each in there]:
            document["data"] = found
        if lacking := [each for each in ids if each not in there]:
            document["errors"] = [
                problem(
                    "not-authorized-for-resource" if each in self.hidden else "resource-not-found",
                    resource_id=each,
                    value=each,
                )
                for each in lacking
            ]
        return 200, document, {}

    def _timeline(self, query: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        self.asked.append(query)
        assert 5 <= int(query["max_results"]) <= 100
        if self.protected:
            hidden = problem("not-authorized-for-resource", detail="Sorry, you are not authorized.")
            return 200, {"errors": [hidden]}, {}
        token = query.get("pagination_token", "")
        if token and self.forgets:
            return 400, problem("invalid-request", detail="The 'pagination_token' is not valid."), {}
        below = int(token.removeprefix("before-") or query.get("until_id", 0) or 1 << 64)
        if token and self.repeats:
            below = 1 << 64
        above = int(query.get("since_id", 0))
        found = sorted(
            (t for t in self.tweets if above < int(t["id"]) < below), key=lambda t: int(t["id"]), reverse=True
        )
        size = min(int(query["max_results"]), self.page)
        return 200, self._document(found[:size], query, more=len(found) > size), {}

    def _document(self, page: list[Record], query: dict[str, str], *, more: bool) -> Record:
        asked = next((name for name in ("tweet", "post") if f"{name}.fields" in query), "tweet")
        known = self.dialect in (None, asked)
        self.served.update(each["id"] for each in page)
        fields = set(query[f"{asked}.fields"].split(",")) | {"id", "text"} if known else {"id", "text"}
        shown = [self._shown(each, fields, asked) for each in page]
        meta: Record = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
        if more:
            meta["next_token"] = f"before-{page[-1]['id']}"
        document: Record = {"meta": meta}
        if shown:
            document["data"] = shown
        if shown and self.included and known:
            document["includes"] = {
                {"tweets": f"{asked}s"}.get(kind, kind): [
                    self._shown(each, fields, asked) if kind == "tweets" else each for each in records
                ]
                for kind, records in self.included.items()
            }
        if shown and self.errors:
            document["errors"] = self.errors
        return document

    def _shown(self, record: Record, fields: set[str], asked: str) -> Record:
        if asked == "post":
            record = {RENAMED.get(name, name): value for name, value in record.items() if name != "author_id"}
        return {name: value for name, value in record.items() if name in fields}

    def _grant(self, form: dict[str, str]) -> tuple[int, Any, dict[str, str]]:
        if form["grant_type"] == "authorization_code":
            digest = hashlib.sha256(form["code_verifier"].encode()).digest()
            challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
            if form["code"] != "the-code" or (self.verifier and challenge != self.verifier):
                return 400, {"error": "invalid_request", "error_description": "Value passed is invalid."}, {}
        elif form["refresh_token"] != f"refresh-{self.refreshed}":
            return 400, {"error": "invalid_grant", "error_description": "The refresh token is used."}, {}
        self.refreshed += 1
        self.token = f"user-{self.refreshed}"
        return (
            200,
            {
                "token_type": "bearer", "expires_in": 7200, "access_token": self.token,
                "refresh_token": f"refresh-{self.refreshed}", "scope": "tweet.read users.read offline.access",
            },
            {},
        )  # fmt: skip


def spoken(asked: list[dict[str, str]]) -> list[str]:
    """The dialect of each question."""
    return [name for query in asked for name in ("tweet", "post") if f"{name}.fields" in query]


class Key:
    def __init__(self, *tokens: str) -> None:
        self._tokens = list(tokens)

    def token(self) -> str:
        return self._tokens[0]

    def renew(self) -> bool:
        if len(self._tokens) > 1:
            self._tokens.pop(0)
            return True
        return False


class Purse:
    """Notes what was asked for and what it cost."""

    def __init__(self, room: int = 1 << 40) -> None:
        self.room, self.held, self.costs = room, 0, list[int]()

    def hold(self, question: str, *, price: int, wanted: int, least: int = 1) -> int:
        self.held = price * min(wanted, self.room // price)
        if self.held < price * least:
            raise Spent("nothing left")
        return self.held // price

    def settle(self, cost: int) -> None:
        self.held, self.room = 0, self.room - cost
        self.costs.append(cost)


Opened = Callable[..., Timeline]
