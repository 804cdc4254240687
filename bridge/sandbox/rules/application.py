"""From a request to its answer: rate limits, who asks, which endpoint, idempotency, the words of refusal."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from bridge.sandbox.rules import (
    accounts,
    idempotency,
    instance,
    media,
    oauth,
    posting,
    statuses,
    windows,
)
from bridge.sandbox.rules.calls import Answer, Call, Context, refusal
from bridge.sandbox.rules.formatting import Site
from bridge.sandbox.rules.problems import Problem
from bridge.sandbox.rules.profiles import Profile
from bridge.sandbox.rules.state import Token, World

Endpoint = Callable[..., Answer]
ROUTES: tuple[tuple[str, str, Endpoint], ...] = (
    ("POST", "/api/v1/statuses", posting.create),
    ("GET", "/api/v1/statuses", statuses.several),
    ("GET", "/api/v1/statuses/:id", statuses.show),
    ("PUT", "/api/v1/statuses/:id", statuses.update),
    ("DELETE", "/api/v1/statuses/:id", statuses.delete),
    ("GET", "/api/v1/statuses/:id/source", statuses.source),
    ("GET", "/api/v1/statuses/:id/context", statuses.context),
    ("POST", "/api/v1/statuses/:id/reblog", posting.reblog),
    ("POST", "/api/v1/statuses/:id/unreblog", posting.unreblog),
    ("POST", "/api/v1/statuses/:id/pin", statuses.pin),
    ("POST", "/api/v1/statuses/:id/unpin", statuses.unpin),
    ("POST", "/api/v1/media", media.create),
    ("POST", "/api/v2/media", media.create),
    ("GET", "/api/v1/media/:id", media.show),
    ("PUT", "/api/v1/media/:id", media.update),
    ("DELETE", "/api/v1/media/:id", media.delete),
    ("GET", "/api/v1/accounts/verify_credentials", accounts.verify),
    ("PATCH", "/api/v1/accounts/update_credentials", accounts.update),
    ("GET", "/api/v1/accounts/lookup", accounts.lookup),
    ("GET", "/api/v1/accounts/:id", accounts.show),
    ("GET", "/api/v1/accounts/:id/statuses", accounts.statuses),
    ("GET", "/api/v1/preferences", accounts.preferences),
    ("GET", "/api/v1/notifications", accounts.notifications),
    ("GET", "/api/v1/polls/:id", statuses.show_poll),
    ("GET", "/api/v2/search", statuses.search),
    ("GET", "/api/v1/scheduled_statuses", statuses.scheduled_list),
    ("GET", "/api/v1/scheduled_statuses/:id", statuses.scheduled_show),
    ("DELETE", "/api/v1/scheduled_statuses/:id", statuses.scheduled_delete),
    ("POST", "/api/v1/apps", oauth.register),
    ("GET", "/api/v1/apps/verify_credentials", oauth.verify_app),
    ("POST", "/oauth/token", oauth.exchange),
    ("POST", "/oauth/revoke", oauth.revoke),
    ("GET", "/api/v1/instance", instance.instance_v1),
    ("GET", "/api/v2/instance", instance.instance_v2),
    ("GET", "/api/v1/instance/rules", instance.rules),
    ("GET", "/.well-known/nodeinfo", instance.nodeinfo_links),
    ("GET", "/nodeinfo/2.0", instance.nodeinfo),
    ("GET", "/.well-known/oauth-authorization-server", instance.oauth_metadata),
)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.escape(template).replace(":id", "([^/]+)") + "/?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    method: str
    pattern: re.Pattern[str]
    endpoint: Endpoint


TABLE = tuple(Route(method=m, pattern=_pattern(t), endpoint=e) for m, t, e in ROUTES)
KEYED = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A request that got as far as its key: carried out by `Application.commit`."""

    ctx: Context
    endpoint: Endpoint
    arguments: tuple[str, ...]
    quota: windows.Quota | None
    key: str | None


class Application:
    """One server: a world, a profile, an address. Not thread-safe; whoever calls it holds the lock."""

    def __init__(self, world: World, profile: Profile, base_url: str, *, limits: bool = True) -> None:
        self.world = world
        self.profile = profile
        self.limits = limits
        self.site = Site(
            base_url=base_url,
            domain=base_url.partition("://")[2],
            account_of=lambda name: world.indexes.names.get(name.lower()),
        )

    def context(self, call: Call, now: datetime, meddling: frozenset[str] = frozenset()) -> Context:
        return Context(
            world=self.world,
            profile=self.profile,
            site=self.site,
            now=now,
            call=call,
            token=self._token(call),
            limits=self.limits,
            meddling=meddling,
        )

    def respond(self, call: Call, now: datetime, meddling: frozenset[str] = frozenset()) -> Answer:
        """The whole way at once. Raises `Busy` while another request with the same key runs."""
        prepared = self.prepare(call, now, meddling)
        return prepared if isinstance(prepared, Answer) else self.commit(prepared, now)

    def prepare(self, call: Call, now: datetime, meddling: frozenset[str]) -> Prepared | Answer:
        """Limits, token, route and key: an `Answer` when it ends there. Raises `Busy`."""
        ctx = self.context(call, now, meddling)
        try:
            quota = self._admit(ctx)
        except windows.Limited as limited:
            return self._finish(refusal(self.profile, Problem("too_many_requests")), limited.quota)
        try:
            posting.publish_due(ctx)
            return self._prepared(ctx, quota)
        except Problem as problem:
            return self._refused(problem, quota)

    def wait(self, call: Call, now: datetime, meddling: frozenset[str]) -> Prepared | Answer:
        """`prepare` for a request that was `Busy` before: its calls are counted already."""
        ctx = self.context(call, now, meddling)
        try:
            return self._prepared(ctx, None)
        except Problem as problem:
            return self._refused(problem, None)

    def gave_up(self) -> Answer:
        """The lock on a key was not free in time."""
        return refusal(self.profile, Problem("temporary"))

    def commit(self, prepared: Prepared, now: datetime) -> Answer:
        """Carries a prepared request out."""
        ctx = replace(prepared.ctx, now=now)
        try:
            answer = self._finish(prepared.endpoint(ctx, *prepared.arguments), prepared.quota)
        except Problem as problem:
            answer = self._refused(problem, prepared.quota)
        if prepared.key is not None:
            idempotency.finish(ctx, prepared.key, answer)
        return answer

    def _prepared(self, ctx: Context, quota: windows.Quota | None) -> Prepared | Answer:
        endpoint, arguments = _route(ctx.call)
        key = None
        if ctx.call.method in KEYED and ctx.call.path.startswith("/api"):
            if endpoint is posting.create:
                posting.precheck(ctx)
            key = idempotency.key_of(ctx) if "idempotency-key" in ctx.call.headers else None
            replayed = idempotency.replay(ctx, key) if key is not None else None
            if replayed is not None:
                return self._finish(replayed, quota)
            self._take_family(ctx, endpoint)
            if key is not None:
                idempotency.begin(ctx, key)
        return Prepared(ctx=ctx, endpoint=endpoint, arguments=arguments, quota=quota, key=key)

    def _take_family(self, ctx: Context, endpoint: Endpoint) -> None:
        """Akkoma counts every attempt to make a status, before it looks at it."""
        family = self.profile.statuses
        if endpoint is posting.create and family is not None and self.profile.family_covers_all:
            posting.take_family(ctx, family)

    def _admit(self, ctx: Context) -> windows.Quota | None:
        if not self.limits:
            return None
        token = ctx.token
        call = ctx.call
        caller = windows.Caller(
            method=call.method,
            path=call.path,
            parameters=frozenset(name for name, value in call.parameters.items() if value not in ("", None)),
            address=call.address,
            user=token.account_id if token and not token.revoked else None,
            token=token.token if token and not token.revoked else None,
        )
        return windows.admit(self.world.counters, self.profile.throttles, caller, ctx.now)

    def _token(self, call: Call) -> Token | None:
        scheme, _, secret = call.headers.get("authorization", "").partition(" ")
        said = secret.strip() if scheme.lower() == "bearer" else call.text("access_token")
        return self.world.tokens.get(said or "")

    def _refused(self, problem: Problem, quota: windows.Quota | None) -> Answer:
        answer = refusal(self.profile, problem)
        family = problem.facts.get("quota")
        return self._finish(
            replace(answer, quota=family if isinstance(family, windows.Quota) else None), quota
        )

    def _finish(self, answer: Answer, quota: windows.Quota | None) -> Answer:
        """Adds the rate-limit headers: the family's where it is the tighter one."""
        family = answer.quota
        if family is not None and (quota is None or family.remaining <= quota.remaining):
            quota = family
        headers = windows.headers(quota, self.profile.rate_headers) if self.limits else ()
        return replace(answer, headers=(*answer.headers, *headers))


def _route(call: Call) -> tuple[Endpoint, tuple[str, ...]]:
    known = False
    for route in TABLE:
        match = route.pattern.match(call.path)
        if match is None:
            continue
        if route.method == call.method:
            return route.endpoint, match.groups()
        known = True
    raise Problem("method" if known and call.method not in {"GET", "HEAD"} else "no_route")


def as_bytes(answer: Answer) -> bytes:
    """The body as it goes out."""
    return answer.body if isinstance(answer.body, bytes) else msgspec.json.encode(answer.body)
