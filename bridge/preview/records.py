"""One post as the page's own data: short keys, and nothing that is as usual.

The script of the page (`templates/preview.js`) reads exactly these; 50,000 of them are some 20 MB.
"""

from __future__ import annotations

from typing import Any

import msgspec

from bridge.engine.propose import Decision, Proposed
from bridge.engine.tally import LEFT
from bridge.planning import Known
from bridge.posts import MediaType, Post, SpanKind
from bridge.preview.words import printable
from bridge.publications import State
from bridge.statuses import MediaRef, Rendering, StatusDraft

_encode = msgspec.json.Encoder().encode
Record = dict[str, Any]


def state_of(proposed: Proposed) -> str:
    """publish, hold, skip; of what has left already: sent or failed, when nothing of it is still to go."""
    if proposed.decision is Decision.PUBLISH and proposed.left:
        states = {row.state for row in proposed.known}
        if states <= LEFT:
            return "sent" if State.FAILED not in states else "failed"
    return str(proposed.decision.value)


def record(proposed: Proposed, thumbnails: dict[int, str]) -> Record:
    """`thumbnails`: an address for each medium, by its position in the post."""
    post, rendering = proposed.post, proposed.rendering
    made: Record = {"i": proposed.post_id, "s": state_of(proposed)}
    _put(made, "r", proposed.reason)
    _put(made, "t", proposed.thread if proposed.thread != proposed.post_id else None)
    if post is not None:
        made |= _of_post(post)
    if rendering is not None:
        _put(made, "w", list(dict.fromkeys(warning.code for warning in rendering.warnings)))
        rows = {row.part: row for row in proposed.known}
        made["p"] = [
            _text(draft, made.get("o")) | _status(draft, rendering, thumbnails) | _left(rows.get(draft.part))
            for draft in rendering.drafts
        ]
    return made


def encoded(made: Record) -> str:
    """JSON that cannot end the element it stands in."""
    text = _encode(made).decode()
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def filled(made: Record, proposed: Proposed, quoted: Record | None = None) -> Record:
    """With a value for every key, as the template of a card wants it. `quoted`: what it quotes."""
    made = made | {"u": proposed.post.url if proposed.post else None, "quoted": quoted}
    statuses = []
    for status in made.get("p", ()):
        whole = {"x": (made.get("o") or "") + status.get("y", "")} | status
        media = [dict.fromkeys("dfhc") | medium for medium in status.get("m", ())]
        statuses.append(dict.fromkeys("bcgqoaz") | whole | {"m": media})
    return dict.fromkeys("rtdkoulehw") | made | {"p": statuses}


def quote_of(made: Record) -> str | None:
    """The post that it quotes."""
    return next((status["q"] for status in made.get("p", ()) if "q" in status), None)


def told(post: Post) -> Record:
    """What a card shows of a post that it quotes."""
    return {"d": int(post.created_at.timestamp()), "o": printable(post.text)}


def _put(made: Record, key: str, value: object) -> None:
    if value:
        made[key] = value


def _of_post(post: Post) -> Record:
    made: Record = told(post) | {"k": post.kind.value}
    usual = f"https://twitter.com/{post.author.handle}/status/{post.id}"
    _put(made, "u", post.url if post.url != usual else None)
    _put(made, "l", post.likes)
    links = [span.target for span in post.spans if span.kind is SpanKind.LINK]
    _put(made, "e", [printable(link) for link in links])
    _put(made, "h", _things(post))
    return made


def _things(post: Post) -> list[str]:
    """What the original has with it, as `--has` tells it."""
    return sorted({"image" if medium.type is MediaType.IMAGE else "video" for medium in post.media})


def _text(draft: StatusDraft, original: str | None) -> Record:
    """`y`: what comes behind the original text, which most begin with; else `x`, the whole."""
    text = printable(draft.text)
    if original and text.startswith(original):
        return {"y": text[len(original) :]}
    return {"x": text}


def _left(row: Known | None) -> Record:
    """`a`: nothing is to be sent of this one any more; `z`: where it stands."""
    made: Record = {}
    if row is not None:
        _put(made, "a", row.state in LEFT)
        _put(made, "z", row.remote_url)
    return made


def _status(draft: StatusDraft, rendering: Rendering, thumbnails: dict[int, str]) -> Record:
    made: Record = {"n": draft.length, "v": draft.visibility.value}
    _put(made, "c", printable(draft.spoiler_text))
    _put(made, "g", draft.language)
    _put(made, "q", draft.quote.post_id if draft.quote else None)
    _put(made, "b", draft.boost.post_id if draft.boost else None)
    _put(made, "m", [_medium(medium, rendering, thumbnails) for medium in draft.media])
    _put(made, "o", [printable(option) for option in draft.poll.options] if draft.poll else None)
    return made


def _medium(medium: MediaRef, rendering: Rendering, thumbnails: dict[int, str]) -> Record:
    made: Record = {"t": medium.type.value}
    _put(made, "d", printable(medium.description or ""))
    _put(made, "f", medium.file.rpartition("/")[2] if medium.file else None)
    _put(made, "h", thumbnails.get(medium.position))
    changes = [each.detail for each in rendering.changes if each.position == medium.position]
    _put(made, "c", printable("; ".join(changes)))
    return made
