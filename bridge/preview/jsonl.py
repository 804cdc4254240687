"""`preview --jsonl`: a line per post in the order of publication; the keys are a contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TextIO

import msgspec

from bridge.engine.propose import Proposed
from bridge.engine.tally import rfc3339
from bridge.statuses import Change, MediaRef, StatusDraft


class JsonLines:
    """A sink that writes as it is given, so that memory stays flat."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._encode = msgspec.json.Encoder().encode

    def __call__(self, proposed: Proposed) -> None:
        self._stream.write(self._encode(line(proposed)).decode() + "\n")


def line(proposed: Proposed) -> dict[str, Any]:
    post, rendering = proposed.post, proposed.rendering
    return {
        "id": proposed.post_id,
        "url": post.url if post else None,
        "created_at": rfc3339(post.created_at) if post else None,
        "kind": post.kind.value if post else None,
        "decision": proposed.decision.value,
        "reason": proposed.reason,
        "warnings": list(dict.fromkeys(w.code for w in rendering.warnings)) if rendering else [],
        "statuses": [_status(draft, rendering.changes) for draft in rendering.drafts] if rendering else [],
        "published": bool(proposed.known) and all(row.remote_id is not None for row in proposed.known),
    }


def _status(draft: StatusDraft, changes: Sequence[Change]) -> dict[str, Any]:
    """`boost` is there only where the status of another post is passed on, instead of this text."""
    reply, quote = draft.in_reply_to, draft.quote
    document: dict[str, Any] = {
        "part": draft.part,
        "parts": draft.parts,
        "text": draft.text,
        "length": draft.length,
        "spoiler_text": draft.spoiler_text,
        "sensitive": draft.sensitive,
        "visibility": draft.visibility.value,
        "language": draft.language,
        "in_reply_to": {"id": reply.post_id, "part": reply.part} if reply else None,
        "quote": {"id": quote.post_id} if quote else None,
        "media": [_medium(medium, changes) for medium in draft.media],
        "poll": {"options": list(draft.poll.options), "expires_in": draft.poll.expires_in}
        if draft.poll
        else None,
        "backdate": rfc3339(draft.backdate),
    }
    if (boost := draft.boost) is not None:
        document["boost"] = {"source": boost.source, "id": boost.post_id}
    return document


def _medium(medium: MediaRef, changes: Sequence[Change]) -> dict[str, Any]:
    """`change` is there only where the file does not go up as it is."""
    document: dict[str, Any] = {
        "type": medium.type.value,
        "file": medium.file,
        "description": medium.description,
        "missing": medium.file is None,
    }
    for change in changes:
        if change.position == medium.position:
            told = {"what": change.what, "before": change.before, "after": change.after}
            document["change"] = {**told, "detail": change.detail}
    return document
