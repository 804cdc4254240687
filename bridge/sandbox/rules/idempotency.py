"""What a repeated Idempotency-Key gets, software by software (reference: fediverse-rules §2)."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from bridge.sandbox.rules.calls import JSON, Answer, Context
from bridge.sandbox.rules.documents import status_document
from bridge.sandbox.rules.problems import Problem
from bridge.sandbox.rules.profiles import Repeats
from bridge.sandbox.rules.state import KeyUse

# A fault may make any server behave like another one.
FORCED = {
    "replay_500": Repeats.LOCKED_BROKEN,
    "key_ignored": Repeats.IGNORED,
    "key_refused": Repeats.REFUSED,
    "key_burnt": Repeats.CACHED,
}


class Busy(Exception):
    """The first request with this key still runs: wait and ask again, or give up with a 503."""


def behaviour(ctx: Context) -> Repeats:
    forced = next((FORCED[name] for name in ctx.meddling if name in FORCED), None)
    return forced or ctx.profile.repeats


def key_of(ctx: Context) -> str | None:
    """Where the use of this request's key is remembered; None without a key, or where none is heeded."""
    key = ctx.call.headers.get("idempotency-key")
    how = behaviour(ctx)
    if not key or how is Repeats.IGNORED:
        return None
    if how is Repeats.CACHED:
        return f"*:{key}"
    return f"{ctx.actor.account.id}:{key}" if ctx.call.path.endswith("/statuses") else None


def replay(ctx: Context, key: str) -> Answer | None:
    """The answer to a repeated key, None to a new one. Raises `Busy`, or the server's refusal."""
    how = behaviour(ctx)
    if key in ctx.world.busy and how in {Repeats.LOCKED, Repeats.LOCKED_BROKEN, Repeats.BURNT}:
        raise Busy
    use = ctx.world.keys.get(key)
    if use is None or ctx.now >= use.at + timedelta(seconds=ctx.profile.key_seconds):
        return None
    if how is Repeats.REFUSED:
        raise Problem("key_repeated")
    if use.answer is not None:
        status, body = use.answer
        headers = (("idempotent-replayed", "true"), ("idempotency-key", key.partition(":")[2]))
        return Answer(status=status, body=body, content_type=JSON, headers=headers)
    status_row = ctx.world.statuses.get(use.status_id or "")
    if how is Repeats.BURNT and use.status_id is None:
        raise Problem("key_unresolved")
    if status_row is None:
        # The status is gone, so nothing is found under the key: the request is a new one.
        return None
    if how is Repeats.LOCKED_BROKEN:
        raise Problem("replay_broken")
    return Answer(body=status_document(ctx, status_row), status_id=status_row.id)


def begin(ctx: Context, key: str) -> None:
    """The request goes ahead; what some servers write down before they know how it ends."""
    how = behaviour(ctx)
    if how in {Repeats.LOCKED, Repeats.LOCKED_BROKEN, Repeats.BURNT}:
        ctx.world.busy.add(key)
    if how in {Repeats.REFUSED, Repeats.BURNT}:
        ctx.world.keys[key] = KeyUse(at=ctx.now)


def finish(ctx: Context, key: str, answer: Answer) -> None:
    """The request is over; remembers what a repetition will get."""
    how = behaviour(ctx)
    ctx.world.busy.discard(key)
    if how is Repeats.CACHED:
        body = answer.body if isinstance(answer.body, bytes) else msgspec.json.encode(answer.body)
        ctx.world.keys[key] = KeyUse(at=ctx.now, answer=(answer.status, body))
    elif answer.status_id is not None:
        ctx.world.keys[key] = KeyUse(at=ctx.now, status_id=answer.status_id)
