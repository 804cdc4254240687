"""Who of those that posts name is where on the new network: looked at, written down, taken out."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from bridge.config.handles import Person, people_in, put_handle
from bridge.engine.entries import figures
from bridge.errors import PlanStale
from bridge.ledger.rows import Act
from bridge.web.room import Room
from bridge.web.trouble import Trouble
from bridge.web.views import Form, back_to

_NAMES = 30  # of people who are named often
_KNOWN = 200  # of those who are known, on one page


@dataclass(frozen=True, slots=True, kw_only=True)
class Mine:
    """What somebody wanted to write where somebody else was quicker."""

    key: str
    fediverse: str


def people(room: Room, request: Request) -> Response:
    return _page(room, request)


def save(room: Room, request: Request, form: Form) -> Response:
    """One person. Where somebody was quicker nothing is changed, and both addresses are shown."""
    given = "" if form("do") == "remove" else " ".join(form("fediverse").split())
    person = Person(
        fediverse=given, twitter=form("twitter").strip().lstrip("@"), twitter_id=form("twitter_id").strip()
    )
    if not (person.twitter or person.twitter_id) or not (given or form("do") == "remove"):
        raise Trouble("no_person")
    try:
        room.handles.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        kept = put_handle(room.handles, person, seen=form("seen"))
    except PlanStale:
        return _page(room, request, Mine(key=person.key, fediverse=given), status=409)
    who = f"@{person.twitter}" if person.twitter else person.twitter_id
    told = f"{who}: {form('seen') or '-'} → {kept or '-'}"
    act = Act(id=0, at=room.desk.now(), author=request.state.name, what="handle", detail=told)
    room.desk.ledger.acts.note(room.desk.account, act)
    return back_to("/handles")


def _page(room: Room, request: Request, mine: Mine | None = None, *, status: int = 200) -> Response:
    asked = request.query_params.get("q", "").strip().lower()
    own = room.owner.get("handle", "").lower()
    everybody = people_in(room.handles)
    named = figures(room.desk.entries()).mentions
    there = {each.twitter.lower() for each in everybody}
    open_ones = [
        (name, count)
        for name, count in named.most_common()
        if name.lower() not in there and name.lower() != own and asked in name.lower()
    ]
    here = mine.key if mine else ""
    theirs = next((each.fediverse for each in everybody if each.key == here), "")
    known = [each for each in everybody if asked in f"{each.twitter} {each.fediverse}".lower()]
    return room.page(
        request,
        "handles.html.j2",
        status,
        known=sorted(known, key=lambda each: (each.key != here, each.counts, each.twitter.lower()))[:_KNOWN],
        hidden=max(0, len(known) - _KNOWN),
        unmapped=open_ones[:_NAMES],
        more=max(0, len(open_ones) - _NAMES),
        asked=asked,
        mine=mine,
        theirs=theirs or "-",
    )
