"""Send one claimed publication, and write down what became of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bridge.engine.awaited import at_server
from bridge.engine.boosts import GONE, settle_boost
from bridge.engine.round import REFUSAL, Round, Stop
from bridge.engine.uploads import Attached, unusable
from bridge.engine.width import pause_and_stop
from bridge.errors import (
    Deferred,
    MediaError,
    NetworkError,
    Refused,
    SourceError,
    Unauthorized,
    Unfit,
    Unknown,
)
from bridge.ledger import Ledger
from bridge.ledger.queue import Queue
from bridge.pacing import LOOK, STATUS
from bridge.publications import Publication
from bridge.publishers.base import Addressed, Receipt
from bridge.publishers.check import WIDTH, is_wider
from bridge.rendering import measure
from bridge.rendering.polls import choices
from bridge.statuses import Idempotency, Limits, StatusDraft, StatusRef, Visibility, with_links

_FIRST_LOOK = timedelta(seconds=5)
_BUSY = 429
_LOOK_BACK = timedelta(minutes=10)  # clocks differ, and an earlier attempt may have come through late
_IN_VAIN = 3  # times that media vanish before their status is given up
_WAYS_OUT = "Set `media.too_big` to link or skip and `passerelle retry` it, or skip the post."


class Doubt(Exception):
    """Nobody can tell whether this status of the account is the one that was sent."""

    def __init__(self, found: Receipt) -> None:
        super().__init__(found.remote_id)
        self.sentence = (
            f"Nobody can tell whether {found.url or f'status {found.remote_id}'} is this post: the answer was"
            " lost, and the server changes texts and does not tell what was written. If it is this post,"
            " `passerelle skip` it; if it is another one, `passerelle retry` it."
        )


def attempt(run: Round, row: Publication, addressed: Addressed, attached: Attached) -> None:
    """The request itself. The intent is committed already; whatever happens, the row says so afterwards."""
    draft = row.draft
    if addressed.boost is None and (why := _unsendable(run, draft, attached)) is not None:
        run.settle_failed(row, why)
        return
    for loss in attached.lost:
        run.ports.watcher.note("MEDIA_SKIPPED", f"Post {row.post_id} goes without {loss}")
    try:
        receipt = _asked_for(run, row, addressed)
    except Unknown as error:
        run.spend(run.need(row))
        _look_later(run, row, error)
    except Deferred as error:
        _defer(run, row, error, attached.ids)
    except Unauthorized as error:
        burnt = run.limits.idempotency is Idempotency.BURNS
        run.put_back(row, error.message, rotate_key=burnt, attempted=False)
        raise Stop("auth", error.message) from error
    except Refused as error:
        run.spend(REFUSAL, asked=STATUS)
        run.answered()
        (_refuse if addressed.boost is None else _refuse_boost)(run, row, addressed, error)
    else:
        run.spend(run.need(row))
        finish(run, row, addressed, receipt, lost=attached.places)


def _asked_for(run: Round, row: Publication, addressed: Addressed) -> Receipt:
    publisher = run.ports.publisher
    if addressed.boost is not None:
        return publisher.boost(addressed.boost, row.draft)
    return publisher.publish(row.draft, addressed, key=row.idempotency_key)


def _unsendable(run: Round, draft: StatusDraft, attached: Attached) -> str | None:
    """Why it is not sent at all: a person decides, or nothing is left of it."""
    if draft.boost is not None and not (draft.text or draft.media):
        return GONE
    policy = run.terms.too_big
    if attached.unfit and policy in ("fit", "hold"):
        return " ".join((*attached.unfit, _WAYS_OUT))
    linked_instead = bool(attached.unfit) and policy == "link"
    words = not run.limits.needs_media and (draft.text or draft.poll or linked_instead)
    if attached.lost and not (attached.ids or words):
        return "Nothing is left to publish: " + "; ".join(attached.lost)
    return None


def address(run: Round, row: Publication, media: tuple[str, ...], *, boost: str | None = None) -> Addressed:
    """Fill in what only the ledger knows at this moment; nothing is said about what is passed on."""
    if boost is not None:
        return Addressed(text="", boost=boost)
    quote = _quoted(run, row)
    text = linked(run.queue, row)
    if run.terms.too_big == "link" and _lacks(run, row):
        text = _with_link(run, row, _address(run, row, StatusRef(post_id=row.post_id)), text)
    if quote is None and (instead := _quoted_at(run, row)) is not None:
        text = _with_link(run, row, instead, text, code="QUOTE_LOST")
    left = _poll_seconds(run, row.draft)
    if left == 0 and row.draft.poll is not None:
        text = with_below(text, choices(row.draft.poll.options), row.draft, run.limits) or text
    return Addressed(
        text=text,
        poll=left,
        reply_to=run.queue.reply_target(row),
        quote=quote,
        media=media,
    )


def _poll_seconds(run: Round, draft: StatusDraft) -> int | None:
    """How long its poll goes on there; 0: less than the server takes."""
    if draft.poll is None or draft.poll.ends_at is None:
        return None
    left = round((draft.poll.ends_at - run.now()).total_seconds())
    return min(left, run.limits.max_poll_seconds) if left >= run.limits.min_poll_seconds else 0


def finish(
    run: Round,
    row: Publication,
    addressed: Addressed,
    receipt: Receipt,
    *,
    lost: Collection[int] | None = None,
) -> None:
    """Write the receipt down first; then see whether it is what was asked for.

    `lost`: positions of the media that it went without; None: nobody remembers, so they are looked for.
    """
    if addressed.boost is not None:
        settle_boost(run, row, addressed, receipt)
        return
    run.settle_published(row, receipt, addressed, lost=unusable(run, row) if lost is None else lost)
    for code, message in _differences(row, addressed, receipt):
        run.ports.watcher.note(code, message)
    if is_wider(row.draft, receipt):
        pause_and_stop(run, row, receipt)


def _differences(row: Publication, addressed: Addressed, receipt: Receipt) -> list[tuple[str, str]]:
    where = receipt.url or receipt.remote_id
    asked, got = row.draft.visibility, receipt.visibility
    found = []
    if got in WIDTH and WIDTH[got] < WIDTH[asked]:
        found.append(
            ("NARROWER", f"{where} is {got}, not {asked}: the server may have silenced the account.")
        )
    if addressed.reply_to is not None and receipt.in_reply_to_id != addressed.reply_to:
        found.append(
            ("REPLY_DROPPED", f"{where} does not continue its thread: the server dropped the reply.")
        )
    if len(receipt.media_ids) < len(addressed.media):
        found.append(("MEDIA_DROPPED", f"{where} has fewer media than were sent along."))
    return found


def _look_later(run: Round, row: Publication, error: Unknown) -> None:
    now = run.now()
    run.queue.mark_unknown(row, now=now, look_again_at=now + _FIRST_LOOK)
    run.ports.watcher.note(
        "OUTCOME_UNKNOWN", f"Post {row.post_id}: {error.message} Looking for it on the account."
    )


def _defer(run: Round, row: Publication, error: Deferred, media: Sequence[str]) -> None:
    if media and error.until is None:  # it may be for a medium of which it cannot make anything: ask
        run.queue.doubt_uploads(run.account, media)
    if error.sent:
        run.spend(REFUSAL, asked=STATUS)
    if error.until is not None:
        run.budget = run.budget.exhausted("statuses", error.until)
    rotate = error.sent and run.limits.idempotency is Idempotency.BURNS
    # A 429 says nothing of the status itself: it is no attempt, however many come.
    attempted = error.sent and error.until is None and error.status != _BUSY
    if attempted and run.published and row.attempts >= run.terms.attempts:
        run.settle_failed(row, f"{error.message} ({row.attempts} attempts)", rotate_key=rotate)
        return
    try:
        until = run.pause_for(error)
    except Stop as stop:
        run.put_back(row, error.message, rotate_key=rotate, attempted=attempted)
        raise stop from error
    run.put_back(row, error.message, not_before=until, rotate_key=rotate, attempted=attempted)
    run.wait(until, error.message)


def _refuse(run: Round, row: Publication, addressed: Addressed, error: Refused) -> None:
    """A medium that the server has no longer was deleted unattached, or a lost attempt has taken it: look."""
    rotate = run.limits.idempotency is Idempotency.BURNS
    try:
        gone = [each for each in addressed.media if _is_gone(run, each)]
        unquotable = not gone and _cannot_quote(run, row, addressed)
    except (NetworkError, Deferred, Unknown) as cannot_tell:
        _look_later(run, row, Unknown(cannot_tell.message))
        return
    if unquotable:  # with a link instead
        run.put_back(row, error.message, rotate_key=rotate)
        return
    if not gone:
        run.settle_failed(row, error.message, rotate_key=rotate)
        return
    run.queue.forget_uploads(run.account, gone)
    try:
        ours = look(run, row, addressed)
    except (NetworkError, Deferred, Unknown) as cannot_tell:
        _look_later(run, row, Unknown(cannot_tell.message))
        return
    except Doubt as doubt:
        run.settle_failed(row, doubt.sentence, rotate_key=rotate)
        return
    if ours is not None:
        finish(run, row, addressed, ours)
    elif row.attempts >= _IN_VAIN:
        run.settle_failed(row, error.message, rotate_key=rotate)
    else:
        run.put_back(row, error.message, rotate_key=rotate)


def _refuse_boost(run: Round, row: Publication, addressed: Addressed, error: Refused) -> None:
    """Its text is sent instead."""
    run.unboostable.add(addressed.boost or "")
    run.put_back(row, error.message)


def _looked_since(run: Round, row: Publication) -> datetime:
    """Our clock may have been wrong when it was sent: no later than the last status that was confirmed."""
    since = (row.attempted_at or row.unknown_since or run.now()) - _LOOK_BACK
    last = None if run.limits.backdates else run.queue.last_remote_id(run.account)
    confirmed = run.ports.publisher.get(last) if last is not None else None
    return since if confirmed is None else min(since, confirmed.created_at - _LOOK_BACK)


def _is_gone(run: Round, remote_id: str) -> bool:
    try:
        return run.ports.publisher.uploaded(remote_id) is None
    except MediaError:
        return True


def _cannot_quote(run: Round, row: Publication, addressed: Addressed) -> bool:
    """Whether its owner has deleted what it quotes, or others may not quote it: the run remembers."""
    quote = addressed.quote
    if quote is None or not run.limits.quotes:
        return False
    if row.draft.quote_of is None and run.ports.publisher.get(quote) is not None:
        return False
    run.unquotable.add(quote)
    return True


def look(run: Round, row: Publication, addressed: Addressed) -> Receipt | None:
    """The status on the account that is this publication, leaving out what the ledger owns already.

    Raises `Doubt` when there is only one that may be it.
    """
    ours = _found(run, row, addressed)
    if ours is None and _parent_is_gone(run, addressed):  # and its answers with it have lost their thread
        ours = _found(run, row, replace(addressed, reply_to=None))
    if ours is not None and ours.doubtful:
        raise Doubt(ours)
    return ours


def _found(run: Round, row: Publication, addressed: Addressed) -> Receipt | None:
    found = run.ports.publisher.find(row.draft, addressed, since=_looked_since(run, row))
    run.spend(LOOK)
    owned = run.queue.known_remote_ids(run.account, [each.remote_id for each in found])
    return next((each for each in found if each.remote_id not in owned), None)


def _parent_is_gone(run: Round, addressed: Addressed) -> bool:
    """Deleted by its owner meanwhile."""
    return addressed.reply_to is not None and run.ports.publisher.get(addressed.reply_to) is None


def linked(queue: Queue, row: Publication) -> str:
    """The text with the addresses of own posts as far as they are published; others keep their old link."""

    def url(ref: StatusRef) -> str | None:
        remote = _remote(queue, row, ref)
        return remote[1] if remote is not None else None

    return with_links(row.draft, url)


def _lacks(run: Round, row: Publication) -> bool:
    """Whether a medium cannot go up: asked again each time, since a lost status is found by its text."""
    for ref in run.media(row):
        try:
            run.describe(ref)
        except Unfit:
            return True
        except (MediaError, SourceError):
            continue
    return False


def _with_link(run: Round, row: Publication, link: str, text: str, *, code: str = "MEDIA_SKIPPED") -> str:
    """What is not on the account after all, a quoted post or a medium, is linked to where it was."""
    longer = with_below(text, link, row.draft, run.limits)
    if longer is not None:
        return longer
    lost = f"Post {row.post_id} has no room for the link to {link}, which is not on the account."
    run.ports.watcher.note(code, lost)
    return text


def _address(run: Round, row: Publication, ref: StatusRef) -> str:
    return old_link(run.ports.ledger, row.source, ref)


def _quoted_at(run: Round, row: Publication) -> str | None:
    """Where what it quotes is to be read, if it quotes anything."""
    own, other = row.draft.quote, row.draft.quote_of
    if own is not None:
        return _address(run, row, own)
    if other is None:
        return None
    mirrored = next((each.url for each in run.queue.places(other) if each.url), None)
    return mirrored or old_link(run.ports.ledger, other.source, StatusRef(post_id=other.post_id))


def old_link(ledger: Ledger, source: str, quoted: StatusRef) -> str:
    """Where an own post stood on its network."""
    post = ledger.posts.load(source, [quoted.post_id]).get(quoted.post_id)
    return post.url if post and post.url else f"https://twitter.com/i/status/{quoted.post_id}"


def with_below(text: str, link: str, draft: StatusDraft, limits: Limits) -> str | None:
    """The text with a link as its last paragraph; None when that is more than the server takes."""
    longer = f"{text}\n\n{link}".strip()
    return longer if measure(longer, draft.spoiler_text, limits) <= limits.max_characters else None


def _quoted(run: Round, row: Publication) -> str | None:
    """The status that it quotes, as far as one can."""
    remote = _remote(run.queue, row, row.draft.quote)
    found = remote[0] if remote is not None else None
    if (other := row.draft.quote_of) is not None and run.limits.quotes:
        places = at_server(run.ports.ledger, other, run.account)
        found = next((each.remote_id for each in places), None)
    return None if found in run.unquotable else found


def _remote(queue: Queue, row: Publication, ref: StatusRef | None) -> tuple[str, str | None] | None:
    if ref is None:
        return None
    return queue.remote(row.destination, row.source, ref.post_id, ref.part)


def draft_is_hidden(draft: StatusDraft, run: Round) -> bool:
    """Whether the server would not even show it to its author, so that nobody can look."""
    return draft.visibility is Visibility.PRIVATE and not run.limits.shows_private
