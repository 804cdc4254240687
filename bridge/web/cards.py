"""The desk: threads as cards, to be approved, excluded and edited, one by one or all that a filter shows."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response

from bridge.engine.entries import Entry, Filter, Standing
from bridge.engine.propose import Proposed
from bridge.ledger.rows import Act, Edited, Ruled
from bridge.preview.charts import KINDS
from bridge.preview.records import Record, filled, quote_of, record, told
from bridge.publications import State
from bridge.web.room import Room, is_partial, within
from bridge.web.trouble import Overtaken, Trouble
from bridge.web.views import Form, back_to

PAGE = 20  # threads
_VERBS = {"approve": State.APPROVED, "exclude": State.SKIPPED, "return": State.PENDING}
_FIELDS = ("q", "standing", "kind", "year", "has", "likes", "warning", "language", "pinned")
REASONS = ("private", "outdated", "duplicate", "context")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One post on the desk."""

    record: Record
    entry: Entry
    edited: Edited | None = None

    @property
    def reason(self) -> str | None:
        """Why it is not carried, in the words of whoever decided that."""
        by_hand = (row.reason for row in self.entry.known if row.state is State.SKIPPED)
        return next(by_hand, None) if self.entry.standing is Standing.EXCLUDED else self.entry.reason

    @property
    def may_approve(self) -> bool:
        return self.entry.standing in (Standing.WAITING, Standing.READY)

    @property
    def may_exclude(self) -> bool:
        return self.entry.standing in (Standing.WAITING, Standing.READY, Standing.APPROVED, Standing.FAILED)

    @property
    def may_return(self) -> bool:
        return self.entry.standing in (Standing.APPROVED, Standing.EXCLUDED)

    @property
    def may_edit(self) -> bool:
        return self.entry.standing in (
            Standing.WAITING, Standing.READY, Standing.APPROVED, Standing.EXCLUDED,
        )  # fmt: skip

    @property
    def may_pin(self) -> bool:
        """Words of one's own come back, and nothing that somebody wants to be nowhere."""
        return self.entry.kind not in ("", "retweet") and self.entry.standing is not Standing.EXCLUDED

    @property
    def is_edited(self) -> bool:
        return self.edited is not None and not self.edited.overlay.is_empty


def desk(room: Room, request: Request) -> Response:
    wanted = filter_of(request.query_params)
    found = room.desk.matching(wanted)
    roots = list(dict.fromkeys(each.thread for each in found))
    pages = max(1, -(-len(roots) // PAGE))
    page = min(max(1, _number(request.query_params.get("page", "1"))), pages)
    shown = roots[(page - 1) * PAGE : page * PAGE]
    entries = room.desk.entries()
    undo = _number(request.query_params.get("undo", ""))
    return room.page(
        request,
        "desk.html.j2",
        threads=[(root, cards_of(room, root)) for root in shown],
        found=len(found),
        page=page,
        pages=pages,
        query=query_of(request.query_params),
        fields={name: request.query_params.get(name, "") for name in _FIELDS},
        choices=_choices(entries),
        bulk=digest_of(found),
        approvable=sum(each.standing in (Standing.WAITING, Standing.READY) for each in found),
        undo=undo,
        done=_number(request.query_params.get("done", "0")),
        stale=_number(request.query_params.get("stale", "0")),
        reasons=REASONS,
    )


def thread(room: Room, request: Request) -> Response:
    root = room.desk.find(request.path_params["post"]).thread
    return _thread_page(room, request, root, back=f"/threads/{root}")


def decide(room: Room, request: Request, form: Form) -> Response:
    """About the posts that are named with what was seen of them: `seen.ID` = version."""
    seen = form.having("seen.")
    if not seen:
        raise Trouble("no_post")
    root = room.desk.find(next(iter(seen))).thread
    ruled = room.desk.decide(seen, room.ruling(request, _after(form), _reason(form)))
    return _decided(room, request, root, ruled, form)


def _decided(room: Room, request: Request, root: str, ruled: Ruled, form: Form) -> Response:
    back = within(form("back") or "/desk")
    if ruled.stale:
        return _thread_page(room, request, root, back=back, stale=ruled.stale)
    if is_partial(request):
        return _thread_page(room, request, root, back=back)
    return back_to(f"{back}#t{root}")


def pin(room: Room, request: Request, form: Form) -> Response:
    """As `decide`: a post comes back on its day, or no more."""
    seen = form.having("seen.")
    if not seen:
        raise Trouble("no_post")
    root = room.desk.find(next(iter(seen))).thread
    ruling = room.ruling(request, State.PENDING, None)
    ruled = room.desk.pin(seen, ruling, off=form("do") == "unpin")
    return _decided(room, request, root, ruled, form)


def bulk(room: Room, request: Request, form: Form) -> Response:
    """About all that a filter shows, as long as it shows what it showed."""
    fields = QueryParams(form("query"))
    found = room.desk.matching(filter_of(fields))
    if digest_of(found) != form("bulk"):
        raise Overtaken("filter_changed")
    ruling = room.ruling(request, _after(form), _reason(form))
    ruled = room.desk.decide({each.post_id: each.version for each in found}, ruling)
    back = "/desk?" + query_of(fields)
    act = Act(
        id=0, at=ruling.now, author=ruling.by, what=ruling.after.value,
        posts=len(ruled.posts), detail=ruling.reason, place=back,
    )  # fmt: skip
    number = room.desk.ledger.acts.note(room.desk.account, act, ruled.moved)
    told = {"undo": number, "done": len(ruled.posts), "stale": len(ruled.stale)}
    return back_to("/desk?" + urlencode({**dict(fields), **told}))


def undo(room: Room, request: Request, form: Form) -> Response:
    """Of one's own decisions about many posts; the desk may have been closed in between."""
    name = request.state.name
    act, moved = room.desk.ledger.acts.moved(room.desk.account, form.number("act"), by=name)
    room.desk.take_back(moved, by=name)
    room.desk.ledger.acts.undone(act.id, now=room.desk.now())
    return back_to(within(act.place or "/desk"))


def cards_of(room: Room, root: str) -> list[Card]:
    proposed = room.desk.thread(root)
    edits = room.desk.overlays([each.post_id for each in proposed])
    return [card_of(room, each, edits.get(each.post_id)) for each in proposed]


def card_of(room: Room, proposed: Proposed, edited: Edited | None) -> Card:
    return Card(record=drawn(room, proposed), entry=room.desk.find(proposed.post_id), edited=edited)


def drawn(room: Room, proposed: Proposed) -> Record:
    """For the inside of a card; where it stands is told below it."""
    made = record(proposed, pictures_of(proposed))
    quoted = quote_of(made)
    post = room.desk.ledger.posts.load(room.desk.source, [quoted]).get(quoted) if quoted else None
    return filled(made, proposed, told(post) if post else None) | {"s": None, "r": None}


def pictures_of(proposed: Proposed) -> dict[int, str]:
    media = proposed.post.media if proposed.post else ()
    return {
        position: f"/media/{proposed.post_id}/{position}"
        for position, medium in enumerate(media)
        if medium.file is not None
    }


def filter_of(fields: Mapping[str, str]) -> Filter:
    stands = fields.get("standing", "")
    return Filter(
        words=fields.get("q", "").strip(),
        standing=Standing(stands) if stands in set(Standing) else None,
        kind=fields.get("kind", ""),
        year=_number(fields.get("year", "")) or None,
        has=fields.get("has", ""),
        likes=_number(fields.get("likes", "")),
        warning=fields.get("warning", ""),
        language=fields.get("language", ""),
        pinned=fields.get("pinned", "") == "1",
    )


def query_of(fields: Mapping[str, str]) -> str:
    return urlencode({name: fields[name] for name in _FIELDS if fields.get(name)})


def digest_of(found: Iterable[Entry]) -> str:
    """Names all that a filter shows, as it reads and stands."""
    seen = "\n".join(f"{each.post_id} {each.version}" for each in found)
    return hashlib.blake2b(seen.encode(), digest_size=8).hexdigest()


def _thread_page(
    room: Room, request: Request, root: str, *, back: str, stale: Sequence[str] = ()
) -> Response:
    template = "thread.html.j2" if is_partial(request) else "one.html.j2"
    facts = {"root": root, "cards": cards_of(room, root), "back": back}
    return room.page(request, template, 409 if stale else 200, stale=stale, reasons=REASONS, **facts)


def _choices(entries: Sequence[Entry]) -> dict[str, Any]:
    kinds = {each.kind for each in entries}
    return {
        "kind": [kind for kind in KINDS if kind in kinds],
        "year": sorted({each.at.year for each in entries if each.at is not None}),
        "has": ("image", "video", "link"),
        "warning": sorted({code for each in entries for code in each.warnings}),
        "language": sorted({each.language for each in entries if each.language}),
    }


def _after(form: Form) -> State:
    after = _VERBS.get(form("do"))
    if after is None:
        raise Trouble("nothing_decided")
    return after


def _reason(form: Form) -> str | None:
    """An exclusion has a reason: whoever comes later will want to know."""
    if form("do") != "exclude":
        return None
    said = " ".join(form("reason").split())
    if not said:
        raise Trouble("no_reason")
    return f"by hand: {said}" if said.startswith("rule:") else said[:500]


def _number(said: str) -> int:
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0
