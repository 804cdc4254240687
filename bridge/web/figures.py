"""The pages that only tell: what there is, when it would be done, what was decided, what failed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from bridge.engine.entries import Standing, figures
from bridge.pacing import Pace
from bridge.preview.charts import bar, months_chart, schedule_chart
from bridge.preview.languages import Words
from bridge.web.room import Room, is_partial
from bridge.web.views import Form, back_to

_LINES = 100  # of the history on one page
_FAILURES = 200
_EDITED = frozenset({"text", "warning", "visibility", "language"})
_FASTEST = 300  # statuses an hour that the slider goes to


def overview(room: Room, request: Request) -> Response:
    said = room.words(request)
    told = figures(room.desk.entries())
    schedule = room.desk.schedule()
    conflicts = told.warnings["EDIT_CONFLICT"]
    return room.page(
        request,
        "overview.html.j2",
        told=told,
        standings=[each for each in Standing if told.posts[each]],
        months=months_chart(told.months, said) if told.months else None,
        schedule=schedule,
        curve=schedule_chart(schedule, told.to_send, said) if told.to_send else None,
        warnings=told.warnings.most_common(),
        most=max(told.warnings.values(), default=1),
        skipped=told.skipped.most_common(),
        conflicts=conflicts,
        bar=bar,
        rule=schedule.rule or "none",
    )


def schedule(room: Room, request: Request) -> Response:
    pace = pace_of(room, request.query_params)
    made = room.desk.schedule(pace)
    count = figures(room.desk.entries()).to_send
    return room.page(
        request,
        "finish.html.j2" if is_partial(request) else "schedule.html.j2",
        schedule=made,
        count=count,
        curve=schedule_chart(made, count, room.words(request)) if count else None,
        rule=made.rule or "none",
        per_hour=pace.per_hour,
        per_day=pace.per_day,
        hours=pace.hours,
        blackout=pace.blackout,
        fastest=_FASTEST,
    )


def pace_of(room: Room, asked: Mapping[str, str]) -> Pace:
    """That of the settings, but for what was asked."""
    pace = room.desk.wish.pace
    per_hour, per_day = (_amount(asked.get(name, "")) for name in ("per_hour", "per_day"))
    return replace(pace, per_hour=per_hour or pace.per_hour, per_day=per_day or pace.per_day)


def _amount(text: str) -> int | None:
    digits = text[:6]
    return int(digits) if digits.isascii() and digits.isdigit() and 0 < int(digits) <= 100_000 else None


def history(room: Room, request: Request) -> Response:
    before = request.query_params.get("before", "")
    people = request.query_params.get("all") != "1"
    lines = room.desk.ledger.reviews.history(
        room.desk.account,
        people=people,
        before=int(before) if before.isascii() and before.isdigit() and len(before) < 18 else None,
        limit=_LINES,
    )
    said = room.words(request)
    told = [(each, _told(each.detail or "", said)) for each in lines]
    acts = [] if before else room.desk.ledger.acts.recent(room.desk.account)
    return room.page(
        request, "history.html.j2", lines=told, people=people, more=len(lines) == _LINES, acts=acts
    )


def _told(detail: str, said: Words) -> str:
    """What the desk itself writes into the history; a person's reason is told in that person's words."""
    if detail in ("undone", "pinned", "unpinned"):
        return said(f"happened.{detail}")
    head, _, rest = detail.partition(": ")
    if head == "edited" and set(rest.split(", ")) <= _EDITED:
        return said("happened.edited", what=", ".join(said(f"happened.{each}") for each in rest.split(", ")))
    head, _, number = detail.rpartition(" ")
    if head == "description of picture" and number.isdigit():
        return said("happened.description", what=number)
    return said.reason(detail)


def failures(room: Room, request: Request) -> Response:
    failed = room.desk.ledger.queue.failed(room.desk.account, limit=_FAILURES)
    sent = [each for each in room.desk.entries() if each.standing in (Standing.SENT, Standing.SENDING)]
    placed = [
        (each, row)
        for each in sent[-_LINES:]
        for row in each.known
        if row.remote_url is not None and row.part == 1
    ]
    return room.page(request, "results.html.j2", failed=failed, placed=placed, sent=len(sent))


def retry(room: Room, request: Request, form: Form) -> Response:
    room.desk.retry(form.all("post") or None, by=request.state.name)
    return back_to("/results")
