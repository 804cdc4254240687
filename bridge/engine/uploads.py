"""Media on their way to the server: uploaded once, remembered, waited for.

An upload is no publication: a lost one leaves an orphan that the server deletes, so it is simply made again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bridge.engine.round import Round
from bridge.errors import Deferred, MediaError, NetworkError, Refused, SourceError, Unfit, Unknown
from bridge.pacing import UPLOAD, Need
from bridge.publications import Publication
from bridge.publishers.base import MediaFile, Upload
from bridge.statuses import MediaRef

_POLL = Need(statuses=0, calls=1)
_MOMENT = timedelta(seconds=1)
_FRESH = timedelta(minutes=10)  # so long an upload is taken to be there without a promise or asking


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """Ids of the media of one status in order, and why others cannot come along."""

    ids: tuple[str, ...] = ()
    lost: tuple[str, ...] = ()
    unfit: tuple[str, ...] = ()  #: of those: files that cannot be made to fit
    places: frozenset[int] = frozenset()  #: positions, in their post, of those that cannot


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    ref: MediaRef
    file: MediaFile
    upload: Upload


def upload_all(run: Round, row: Publication) -> Attached:
    """Have every medium of a status on the server, ready to be attached.

    The server may work on all of them at the same time.
    """
    losses = _Losses()
    sent: list[_Sent] = []
    for ref in run.media(row):
        with losses.of(ref):
            sent.append(_sent(run, ref, taken=[each.upload.remote_id for each in sent]))
    ids: list[str] = []
    for each in sent:
        with losses.of(each.ref):
            ids.append(_ready(run, each))
    return Attached(
        ids=tuple(ids),
        lost=tuple(losses.told),
        unfit=tuple(losses.unfit),
        places=frozenset(losses.places),
    )


@dataclass(slots=True)
class _Losses:
    told: list[str] = field(default_factory=list)
    unfit: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)

    @contextmanager
    def of(self, ref: MediaRef) -> Iterator[None]:
        """The status goes without a medium that cannot be used."""
        try:
            yield
        except (MediaError, SourceError, Refused) as error:
            self.unfit += [error.message] if isinstance(error, Unfit) else []
            self.told.append(f"{ref.file or ref.url or f'medium {ref.position + 1}'}: {error.message}")
            self.places.append(ref.position)


def unusable(run: Round, row: Publication) -> frozenset[int]:
    """Positions of the media that cannot have gone with a status whose answer was lost; asks nobody."""
    places = set()
    for ref in run.media(row):
        try:
            run.describe(ref)
        except (MediaError, SourceError):
            places.add(ref.position)
    return frozenset(places)


def remembered(run: Round, row: Publication) -> tuple[str, ...]:
    """Ids that an earlier attempt of this status will have used; asks nobody."""
    ids = []
    for ref in run.media(row):
        try:
            file = run.describe(ref)
        except (MediaError, SourceError):
            continue
        known = run.queue.upload_of(run.account, file.sha256, ref.description)
        if known is not None:
            ids.append(known.remote_id)
    return tuple(ids)


def upload_ahead(run: Round, until: datetime) -> bool:
    """Use the wait for a status to upload one medium of a later one; False when there is none, or no room."""
    at, _ = run.budget.wait(run.now(), UPLOAD)
    if at >= until:
        return False
    for row in run.upcoming():
        if not run.is_ready(row):
            run.wait(min(until, run.now() + _MOMENT), "the next media are made to fit")
            return True
        if (missing := _missing(run, row)) is not None:
            run.wait(at, "media")
            return _uploaded_early(run, missing)
    return False


def _missing(run: Round, row: Publication) -> MediaRef | None:
    for ref in run.media(row):
        try:
            file = run.describe(ref)
        except (MediaError, SourceError):
            continue  # it is said when the status has its turn
        if run.queue.upload_of(run.account, file.sha256, ref.description, now=run.now()) is None:
            return ref
    return None


def _uploaded_early(run: Round, ref: MediaRef) -> bool:
    """Never waits: no status that is due is held up by what a later one needs."""
    try:
        _send_once(run, run.describe(ref), ref)
    except (Deferred, Unknown) as error:
        _count(run, error)
        run.nothing_early()
    except (MediaError, SourceError, Refused):
        run.give_up_early()
    return True


def _sent(run: Round, ref: MediaRef, *, taken: Collection[str]) -> _Sent:
    if ref.file is None:
        raise MediaError("the file is missing from the archive")
    file = run.describe(ref)
    upload = _standing(run, file, ref, taken=taken) or _send(run, file, ref)
    return _Sent(ref=ref, file=file, upload=upload)


def _ready(run: Round, sent: _Sent) -> str:
    if not sent.upload.ready:
        _wait_until_ready(run, sent)
    return sent.upload.remote_id


def _standing(run: Round, file: MediaFile, ref: MediaRef, *, taken: Collection[str]) -> Upload | None:
    """An upload of before that the server still has. One medium cannot be attached twice to one status."""
    now = run.now()
    known = run.queue.upload_of(run.account, file.sha256, ref.description, now=now)
    if known is None or known.remote_id in taken:
        return None
    if known.ready and (run.keeping.is_promise or now - known.uploaded_at < _FRESH):
        return Upload(remote_id=known.remote_id, ready=True)
    try:
        return _seen(run, known.remote_id)
    except MediaError:  # of that upload it could make nothing; of the next one it may
        return None


def _send(run: Round, file: MediaFile, ref: MediaRef) -> Upload:
    while True:
        _wait_for_room(run, UPLOAD)
        run.owe(UPLOAD)
        try:
            return _send_once(run, file, ref)
        except (Deferred, Unknown) as error:
            _count(run, error)
            run.wait(run.pause_for(error), error.message)


def _send_once(run: Round, file: MediaFile, ref: MediaRef) -> Upload:
    try:
        upload = run.ports.publisher.upload(
            file, lambda: run.ports.media.open(ref), description=ref.description
        )
    except (Refused, MediaError):
        run.spend(UPLOAD)
        raise
    run.spend(UPLOAD)
    _remember(run, file, ref, upload)
    return upload


def _count(run: Round, error: Deferred | Unknown) -> None:
    if isinstance(error, Unknown) or error.sent:
        run.spend(UPLOAD)
    if isinstance(error, Deferred) and error.until is not None:
        run.budget = run.budget.exhausted("media", error.until)


def _wait_until_ready(run: Round, sent: _Sent) -> None:
    give_up = run.now() + timedelta(seconds=run.terms.media_wait)
    pause, ready = 1.0, False
    while not ready:
        if run.now() >= give_up:
            raise MediaError("the server has not finished processing it")
        _pass_the_time(run, run.now() + timedelta(seconds=pause))
        pause = min(pause * 1.5, 15.0)
        seen = _seen(run, sent.upload.remote_id)
        if seen is None:
            raise MediaError("the server dropped it while processing")
        ready = seen.ready
    run.queue.upload_is_ready(run.account, sent.upload.remote_id)


def _pass_the_time(run: Round, until: datetime) -> None:
    """The server works on a medium: meanwhile it may have the next ones."""
    while run.now() < until and upload_ahead(run, until):
        pass
    run.wait(until, "the server prepares a medium")


def _seen(run: Round, remote_id: str) -> Upload | None:
    """The upload as the server has it; what it dropped or could not read is remembered no longer."""
    try:
        upload = _ask(run, remote_id)
    except MediaError:
        run.queue.forget_uploads(run.account, [remote_id])
        raise
    if upload is None:
        run.queue.forget_uploads(run.account, [remote_id])
    return upload


def _ask(run: Round, remote_id: str) -> Upload | None:
    while True:
        _wait_for_room(run, _POLL)
        try:
            upload = run.ports.publisher.uploaded(remote_id)
        except (Deferred, Unknown, NetworkError) as error:
            run.wait(run.pause_for(error), error.message)
        else:
            run.spend(_POLL)
            return upload


def _wait_for_room(run: Round, need: Need) -> None:
    until, rule = run.budget.wait(run.now(), need)
    if rule is not None:
        run.wait(until, rule)


def _remember(run: Round, file: MediaFile, ref: MediaRef, upload: Upload) -> None:
    now = run.now()
    run.queue.save_upload(
        run.account,
        sha256=file.sha256,
        description=ref.description,
        remote_id=upload.remote_id,
        ready=upload.ready,
        now=now,
        expires_at=run.keeping.until(now),
        recipe=file.recipe,
    )
