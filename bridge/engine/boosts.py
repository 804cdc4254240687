"""What is passed on instead of written: found out at the moment of sending, since only then is it known where
its status stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bridge.engine.awaited import server_of
from bridge.engine.round import Round, Stop
from bridge.engine.uploads import Attached, upload_all
from bridge.errors import Deferred, NetworkError, Refused, Unauthorized, Unknown
from bridge.ledger.rows import Place
from bridge.pacing import DELETE, READ
from bridge.publications import ADOPTED, Publication
from bridge.publishers.base import Addressed, Receipt
from bridge.statuses import Visibility

_IN_VAIN = 3  # times that it comes out as the boost of before
_PAUSE = timedelta(minutes=1)
_APART = timedelta(minutes=5)  # that clocks may be, and answers take
_BY_HAND = f"{ADOPTED}boosted by hand before"

GONE = "The status that it was to pass on is not to be had: it was deleted, or the server does not find it."


def prepared(run: Round, row: Publication) -> tuple[str | None, Attached]:
    """The status to be passed on, or else all media of the one to be written, ready to be attached."""
    boost = boostable(run, row)
    return boost, Attached() if boost is not None else upload_all(run, row)


def boostable(run: Round, row: Publication) -> str | None:
    """The id, at this server, of the status that it passes on. None: nobody may, or it is not there."""
    if row.draft.boost is None or not run.limits.boosts:
        return None
    places = _nearest_first(run.account, run.queue.places(row.draft.boost))
    found = (_id_here(run, each) for each in places if each.visibility is not Visibility.PRIVATE)
    return next((each for each in found if each is not None and each not in run.unboostable), None)


def settle_boost(run: Round, row: Publication, addressed: Addressed, receipt: Receipt) -> None:
    """Write it down; where the server gave a boost of before, that one is taken back first."""
    before = run.queue.published_as(run.account, receipt.remote_id)
    if before is None:
        run.settle_published(row, receipt, addressed, reason=_BY_HAND if _stood(row, receipt) else None)
    elif row.attempts > _IN_VAIN:
        run.settle_failed(
            row, f"{receipt.url} was passed on before, and the server does not pass it on anew."
        )
    else:
        _take_back(run, row, before, addressed.boost or "")


def _stood(row: Publication, receipt: Receipt) -> bool:
    """Whether a person had boosted it before we asked for the first time: it is theirs to take back."""
    asked = row.attempted_at if row.attempts == 1 else None
    return asked is not None and receipt.created_at < asked - _APART


def _take_back(run: Round, row: Publication, before: Publication, boosted: str) -> None:
    """So that it can be passed on anew: the row goes back in line."""
    run.queue.begin_withdrawal(run.hold, before, now=run.now(), run=run.ports.run)
    run.owe(DELETE)
    try:
        run.ports.publisher.unboost(boosted)
    except (Deferred, Unknown) as error:
        run.spend(DELETE)
        run.put_back(row, error.message, not_before=run.now() + _PAUSE)
    except Refused as error:
        run.spend(DELETE)
        run.settle_failed(row, error.message)
    except Unauthorized as error:
        run.put_back(row, error.message, attempted=False)
        raise Stop("auth", error.message) from error
    else:
        run.spend(DELETE)
        run.queue.withdraw(run.hold, before, now=run.now(), run=run.ports.run, detail="passed on anew")
        run.put_back(row, "It was passed on before.")


def _nearest_first(account: str, places: Sequence[Place]) -> list[Place]:
    host = server_of(account)
    return sorted(places, key=lambda each: (each.destination != account, server_of(each.destination) != host))


def _id_here(run: Round, place: Place) -> str | None:
    """Ids of one server say nothing at another one, which is asked for the address."""
    if server_of(place.destination) == server_of(run.account):
        return place.remote_id
    if place.url is None:
        return None
    if place.url not in run.resolved:
        run.resolved[place.url] = _resolved(run, place.url)
    return run.resolved[place.url]


def _resolved(run: Round, url: str) -> str | None:
    while True:
        run.wait_for_room(READ)
        try:
            found = run.ports.publisher.resolve(url)
        except (NetworkError, Deferred, Unknown) as error:
            run.wait(run.pause_for(error), error.message)
            continue
        run.spend(READ)
        run.answered()
        if found is None:
            why = "is not found by the server; a login of before may not search, so log in again"
            run.ports.watcher.note("BOOST_LOST", f"{url} {why}.")
        return found
