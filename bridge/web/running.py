"""Publishing from the desk: start it, watch it, stop it after the request in hand."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from bridge.engine.entries import Standing, figures
from bridge.publications import State
from bridge.web.figures import pace_of
from bridge.web.room import Room
from bridge.web.trouble import Trouble
from bridge.web.views import Endpoint, Form, back_to

_PACE = {"per_hour": "--per-hour", "per_day": "--per-day"}
_EVERY = 1.0  # seconds between two looks


def publish(room: Room, request: Request) -> Response:
    told = figures(room.desk.entries())
    return room.page(
        request,
        "publish.html.j2",
        now=standing_of(room),
        told=told,
        waiting=told.posts[Standing.WAITING],
        per_hour=request.query_params.get("per_hour", ""),
        per_day=request.query_params.get("per_day", ""),
    )


def start(room: Room, request: Request, form: Form) -> Response:  # noqa: ARG001
    if form("sure") != "yes":
        raise Trouble("not_sure")
    usual, pace = room.desk.wish.pace, pace_of(room, {name: form(name) for name in _PACE})
    asked = [name for name in _PACE if getattr(pace, name) != getattr(usual, name)]
    room.publishing.start([word for name in asked for word in (_PACE[name], str(getattr(pace, name)))])
    return back_to("/publish")


def stop(room: Room, request: Request, form: Form) -> Response:  # noqa: ARG001
    room.publishing.stop()
    return back_to("/publish")


def standing_of(room: Room) -> dict[str, Any]:
    """What has become of it so far, in statuses, and whether a run of this desk is under way."""
    counts, progress = room.desk.ledger.queue.counts(room.desk.account), room.publishing.progress
    row = room.desk.ledger.queue.destination(room.desk.account)
    return {
        "published": counts[State.PUBLISHED],
        "left": counts[State.APPROVED] + counts[State.PUBLISHING],
        "pending": counts[State.PENDING],
        "failed": counts[State.FAILED],
        "running": progress.running,
        "elsewhere": row is not None and row.holder is not None and not progress.running,
        "ended": progress.ended,
        "said": progress.said,
        "trouble": _trouble(progress.result),
    }


def _trouble(result: dict[str, Any] | None) -> str:
    error = (result or {}).get("error") or {}
    return " ".join(filter(None, (error.get("message"), error.get("hint"))))


def events(room: Room) -> Endpoint:
    """Server-sent: a line whenever something has changed, until nobody listens."""

    async def endpoint(request: Request) -> Response:
        return StreamingResponse(_lines(room, request), media_type="text/event-stream")

    return endpoint


async def _lines(room: Room, request: Request) -> AsyncIterator[str]:
    before = None
    while not await request.is_disconnected():
        now = await run_in_threadpool(standing_of, room)
        if now != before:
            yield f"data: {json.dumps(now)}\n\n"
            before = now
        await asyncio.sleep(_EVERY)
