"""Finish a publication whose worker died or whose request got no answer: look first, always."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bridge.engine.attempt import Doubt, address, attempt, draft_is_hidden, finish, look
from bridge.engine.boosts import prepared
from bridge.engine.round import Round, Stop
from bridge.engine.uploads import remembered
from bridge.engine.width import check_width
from bridge.errors import Deferred, NetworkError, Unauthorized, Unknown
from bridge.pacing import LOOK, Need
from bridge.publications import Publication
from bridge.publishers.base import Addressed
from bridge.statuses import Idempotency

_LOOKS = timedelta(seconds=15)  # between looks, as long as the grace lasts
_SENDS = 6  # of a status that never appears, before a person is asked

HIDDEN = (
    "Nobody can tell whether this was published: the answer was lost, and this server does not show "
    "followers-only posts to programs, even of their author. Look at the account: if the post is there, "
    "`passerelle skip` it; if not, `passerelle retry` it."
)


def recover(run: Round, row: Publication) -> None:
    """Settle it if it is there; send it again if it is certainly not; look again later otherwise."""
    if draft_is_hidden(row.draft, run):
        run.settle_failed(row, HIDDEN)
        return
    if _waited(run, LOOK):
        return
    asked_at = run.now()
    addressed = _asked(run, row)
    try:
        ours = look(run, row, addressed)
    except Unauthorized as error:
        _again(run, row, asked_at)
        raise Stop("auth", error.message) from error
    except (NetworkError, Deferred, Unknown) as error:
        _again(run, row, asked_at)
        run.wait(run.pause_for(error), error.message)
        return
    except Doubt as doubt:
        run.answered()
        _undecided(run, row, asked_at, doubt)
        return
    run.answered()
    if ours is not None:
        finish(run, row, addressed, ours)
    elif _may_still_arrive(run, row, asked_at):
        _again(run, row, asked_at)
    else:
        _not_there(run, row)


def _may_still_arrive(run: Round, row: Publication, asked_at: datetime) -> bool:
    return asked_at < last_known(run, row, asked_at) + timedelta(seconds=run.terms.grace)


def _undecided(run: Round, row: Publication, asked_at: datetime, doubt: Doubt) -> None:
    """It may yet arrive beyond doubt; after that a person has to say, and nothing is sent meanwhile."""
    if _may_still_arrive(run, row, asked_at):
        _again(run, row, asked_at)
    else:
        run.settle_failed(row, doubt.sentence)


def look_once(run: Round, row: Publication) -> bool:
    """Settle it if it is there, and change nothing otherwise."""
    if draft_is_hidden(row.draft, run):
        return False
    addressed = _asked(run, row)
    try:
        ours = look(run, row, addressed)
    except Doubt:
        ours = None
    if ours is None:
        _again(run, row, run.now())
        return False
    finish(run, row, addressed, ours)
    return True


def _asked(run: Round, row: Publication) -> Addressed:
    """As it was sent: what it links to or answers may have been taken back since."""
    media, noted = remembered(run, row), run.queue.asked(row)
    return address(run, row, media) if noted is None else replace(noted, media=media)


def last_known(run: Round, row: Publication, now: datetime) -> datetime:
    """When the request was last known to be under way: we saw that no answer came, or its process died."""
    if row.unknown_since is not None:
        return row.unknown_since
    if row.attempted_at is None:
        return now
    return min(now, row.attempted_at + timedelta(seconds=run.terms.timeout))


def _again(run: Round, row: Publication, now: datetime) -> None:
    since = last_known(run, row, now)
    over = since + timedelta(seconds=run.terms.grace)
    later = min(now + _LOOKS, over) if over > now else now + _LOOKS
    run.queue.mark_unknown(row, now=since, look_again_at=later)


def _not_there(run: Round, row: Publication) -> None:
    """Certainly not on the account: a new intent is committed, and it is sent again.

    With the same key, as a second belt; only a server that burns keys with its errors gets a new one, from
    the second time on.
    """
    if row.attempts == _SENDS:  # more likely the server than this one post: a later run tries again
        run.put_back(row, "The server did not answer.")
        raise Stop("temporary", f"The server does not answer: post {row.post_id} was sent {_SENDS} times.")
    if row.attempts >= 2 * _SENDS:
        run.settle_failed(row, f"No answer after {row.attempts} attempts, and it is not on the account.")
        return
    if run.limits.idempotency is Idempotency.BURNS and row.attempts > 1:
        run.put_back(row, "The answer was lost, and it is not on the account.", rotate_key=True)
        return
    run.check_limits()
    check_width(run, row)
    boost, attached = prepared(run, row)
    run.count_the_day(row)
    if _waited(run, run.need(row)):
        return  # time has passed: look once more
    addressed = address(run, row, attached.ids, boost=boost)
    if (again := run.queue.reclaim(row, now=run.now(), asked=addressed)) is not None:
        run.claimed()
        run.owe(run.need(row))
        attempt(run, again, addressed, attached)


def _waited(run: Round, need: Need) -> bool:
    until, rule = run.budget.wait(run.now(), need)
    if rule is not None:
        run.wait(until, rule)
    return rule is not None
