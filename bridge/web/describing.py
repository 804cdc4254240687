"""The alt-text desk: one picture, one field, and on to the next."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from bridge.engine.describe import readable
from bridge.engine.entries import TO_SEND
from bridge.engine.originals import original
from bridge.errors import ConfigError, MediaError, SourceError
from bridge.ledger.rows import Description
from bridge.media.thumbnails import poster, thumbnail
from bridge.posts import Media, MediaType, Post
from bridge.publications import State
from bridge.web.room import Room
from bridge.web.trouble import Trouble
from bridge.web.views import Form, back_to

_LARGE = 960  # pixels
_SMALL = 480

Picture = tuple[str, int]  # post id, position from 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A picture to be described. `draft`: what a program says is on it."""

    post: Post
    position: int
    medium: Media
    said: str
    draft: str


def alt(room: Room, request: Request) -> Response:
    left, done = _worklist(room)
    asked = _asked(request.query_params.get("post", ""), request.query_params.get("position", ""))
    at = asked or (left[0] if left else None)
    return _page(room, request, at, (left, done))


def save(room: Room, request: Request, form: Form) -> Response:
    """An approved description; raises nothing where somebody else has described it meanwhile."""
    at = _asked(form("post"), form("position"))
    text = " ".join(form("text").split())
    if at is None or not text:
        raise Trouble("no_description")
    desk, (post_id, position) = room.desk, at
    now = _frame(room, at)
    if now.said != form("seen"):
        left, done = _worklist(room)
        return _page(room, request, at, (left, done), mine=text, status=409)
    given = Description(source=desk.source, post_id=post_id, position=position, text=text, origin="review")
    desk.ledger.descriptions.save([given], now=desk.now())
    desk.described(post_id, position, room.ruling(request, State.PENDING))
    return back_to(_next(room, at))


def media(room: Room, request: Request) -> Response:
    """A small picture, drawn here: nothing of the archive is handed out as it is."""
    at = _asked(request.path_params["post"], request.path_params["position"])
    size = _LARGE if "large" in request.query_params else _SMALL
    medium = _medium(room, at) if at else None
    drawn = _drawn(medium, size) if medium is not None else None
    if drawn is None:
        return PlainTextResponse("There is no such picture.\n", status_code=404)
    return _jpeg(drawn)


def face(room: Room, request: Request) -> Response:  # noqa: ARG001
    """The account's own picture, beside its posts."""
    if room.face is None:
        return PlainTextResponse("There is no such picture.\n", status_code=404)
    return _jpeg(room.face)


def _jpeg(picture: bytes) -> Response:
    headers = {"Content-Disposition": "inline", "Cache-Control": "private, max-age=600"}
    return Response(picture, media_type="image/jpeg", headers=headers)


@lru_cache(maxsize=256)
def _drawn(medium: Media, size: int) -> bytes | None:
    draw = thumbnail if medium.type is MediaType.IMAGE else poster
    try:
        return draw(partial(original, medium), size)
    except (ConfigError, MediaError, SourceError):
        return None


def _worklist(room: Room) -> tuple[list[Picture], int]:
    """What nobody has described, in the order of publication, and how many pictures are described."""
    entries = [each for each in room.desk.entries() if each.standing in TO_SEND]
    left = [(each.post_id, position) for each in entries for position in each.undescribed]
    return left, sum(each.pictures for each in entries) - len(left)


def _next(room: Room, at: Picture) -> str:
    """The one that comes after it, whether it is described by now or not; then the first again."""
    left, _ = _worklist(room)
    order = {each.post_id: place for place, each in enumerate(room.desk.entries())}
    here = (order.get(at[0], -1), at[1])
    later = [each for each in left if (order[each[0]], each[1]) > here]
    following = (later or left)[:1]
    return f"/alt?post={following[0][0]}&position={following[0][1]}" if following else "/alt"


def _page(
    room: Room,
    request: Request,
    at: Picture | None,
    progress: tuple[list[Picture], int],
    *,
    mine: str | None = None,
    status: int = 200,
) -> Response:
    left, done = progress
    frame = _frame(room, at) if at else None
    return room.page(
        request,
        "alt.html.j2",
        status,
        frame=frame,
        words=readable(frame.post) if frame else "",
        mine=mine,
        left=len(left),
        done=done,
        total=len(left) + done,
        following=_next(room, at) if at else None,
        limit=room.desk.wish.limits.description_length,
    )


def _frame(room: Room, at: Picture) -> Frame:
    post_id, position = at
    medium = _medium(room, at)
    if medium is None:
        raise Trouble("no_picture")
    drafts = room.desk.ledger.descriptions.of(room.desk.source, [post_id])
    draft = next((each.text for each in drafts if each.position == position and not each.approved), "")
    post = room.desk.ledger.posts.load(room.desk.source, [post_id])[post_id]
    return Frame(post=post, position=position, medium=medium, said=medium.alt or "", draft=draft)


def _medium(room: Room, at: Picture) -> Media | None:
    post = room.desk.ledger.posts.load(room.desk.source, [at[0]]).get(at[0])
    return post.media[at[1]] if post is not None and at[1] < len(post.media) else None


def _asked(post_id: str, position: str) -> Picture | None:
    if not post_id or not position.isascii() or not position.isdigit() or len(position) > 3:
        return None
    return post_id, int(position)
