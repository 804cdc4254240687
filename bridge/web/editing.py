"""One post on paper: its text, warning, visibility and language, and at once how it would read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from bridge.engine.entries import Entry
from bridge.engine.propose import Decision, Proposed
from bridge.errors import PlanStale
from bridge.ledger.rows import Edited
from bridge.posts import Post
from bridge.preview.records import Record
from bridge.publications import State
from bridge.rendering import Overlay
from bridge.statuses import Rendering, Visibility
from bridge.web.cards import Card, drawn
from bridge.web.room import Room, is_partial, within
from bridge.web.trouble import Trouble
from bridge.web.views import Form, back_to

_LONGEST = 20_000  # characters of an edited text
_TAG = 35  # characters of a language tag (RFC 5646)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What stands in the form. `plain`: the text without any edit; `usual`: the warning without any."""

    entry: Entry
    post: Post
    overlay: Overlay
    text: str
    plain: str
    usual: str
    edited: Edited | None = None
    conflict: bool = False

    @property
    def spoiler(self) -> str:
        return self.usual if self.overlay.spoiler is None else self.overlay.spoiler


def edit(room: Room, request: Request) -> Response:
    sheet = _sheet(room, request.path_params["post"])
    if not Card(record={}, entry=sheet.entry).may_edit:
        raise Trouble("sent")
    return _page(room, request, sheet, back=within(request.query_params.get("back", "/desk")))


def attempt(room: Room, request: Request, form: Form) -> Response:
    """How it would read; nothing is saved."""
    sheet = _sheet(room, request.path_params["post"])
    tried = replace(sheet, overlay=_said(form, sheet), text=form("text"))
    if is_partial(request):
        return room.page(request, "trial.html.j2", **_trial(room, tried))
    return _page(room, request, tried, back=within(form("back")))


def save(room: Room, request: Request, form: Form) -> Response:
    """Raises nothing where somebody was quicker: both versions are shown, and a person chooses."""
    sheet = _sheet(room, request.path_params["post"])
    wanted = Overlay() if form("do") == "source" else _said(form, sheet)
    wanted = replace(wanted, version=form.number("version"))
    what = _difference(sheet.overlay, wanted)
    ruling = room.ruling(request, State.PENDING, f"edited: {what or 'text'}")
    try:
        room.desk.edit(sheet.entry.post_id, wanted, ruling)
    except PlanStale:
        mine = replace(sheet, overlay=wanted, text=form("text"))
        return _page(room, request, mine, back=within(form("back")), theirs=sheet, status=409)
    return back_to(f"{within(form('back'))}#t{sheet.entry.thread}")


def _sheet(room: Room, post_id: str) -> Sheet:
    each = room.desk.find(post_id)
    post = room.desk.ledger.posts.load(room.desk.source, [post_id])[post_id]
    text, plain = room.desk.wording(post_id)
    edited = room.desk.overlays([post_id]).get(post_id)
    usual = room.desk.trial(post_id, Overlay())
    return Sheet(
        entry=each,
        post=post,
        overlay=edited.overlay if edited else Overlay(),
        text=text,
        plain=plain,
        usual=usual.drafts[0].spoiler_text if usual and usual.drafts else "",
        edited=edited,
        conflict="EDIT_CONFLICT" in each.warnings,
    )


def _said(form: Form, sheet: Sheet) -> Overlay:
    """What differs from what there would be without an edit; the rest goes on following the source."""
    text = form("text").strip()[:_LONGEST]
    spoiler = " ".join(form("spoiler").split())
    seen, language = form("visibility"), form("language").strip()[:_TAG]
    changed = text != sheet.plain
    return Overlay(
        text=text if changed else None,
        spoiler=spoiler if spoiler != sheet.usual else None,
        visibility=Visibility(seen) if seen in set(Visibility) else None,
        language=language if language and language != sheet.post.language else None,
        base=sheet.post.text if changed else None,
        version=form.number("version"),
    )


def _difference(before: Overlay, after: Overlay) -> str:
    fields = {"text": "text", "spoiler": "warning", "visibility": "visibility", "language": "language"}
    return ", ".join(said for name, said in fields.items() if getattr(before, name) != getattr(after, name))


def _page(
    room: Room, request: Request, sheet: Sheet, *, back: str, theirs: Sheet | None = None, status: int = 200
) -> Response:
    return room.page(
        request,
        "edit.html.j2",
        status,
        sheet=sheet,
        back=back,
        theirs=theirs,
        visibilities=[each.value for each in Visibility],
        usual_visibility=room.desk.wish.options.visibility.value,
        **_trial(room, sheet),
    )


def _trial(room: Room, sheet: Sheet) -> dict[str, Any]:
    rendering = room.desk.trial(sheet.entry.post_id, sheet.overlay)
    return {"trial": _as_record(room, sheet, rendering), "warnings": rendering.warnings if rendering else ()}


def _as_record(room: Room, sheet: Sheet, rendering: Rendering | None) -> Record:
    decision = Decision.PUBLISH if rendering and rendering.drafts else Decision.SKIP
    proposed = Proposed(post_id=sheet.entry.post_id, decision=decision, post=sheet.post, rendering=rendering)
    return drawn(room, proposed)
