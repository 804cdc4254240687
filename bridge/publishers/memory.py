"""A publisher in RAM, with limits, keys and faults: for tests and for rehearsing the engine."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bridge.errors import Deferred, MediaError, PublishError, Refused, Unauthorized, Unknown
from bridge.publishers.base import Addressed, Identity, MediaFile, MediaStream, Quota, Receipt, Upload
from bridge.publishers.match import Likeness, likeness, resembles
from bridge.statuses import Idempotency, Limits, StatusDraft

_PAGE = 40
_ME = "1"
_MEMORY = timedelta(hours=1)  # of a key
_EPOCH = datetime(2022, 11, 20, tzinfo=UTC)


class Fault(StrEnum):
    """What happens to the next request that makes or changes a status."""

    REFUSED = "refused"
    DEFERRED = "deferred"
    UNAUTHORIZED = "unauthorized"
    NOT_SENT = "not sent"
    LOST_BEFORE = "lost before"  # no answer, and nothing was done
    LOST_AFTER = "lost after"  # no answer, but it was done
    LATE = "late"  # no answer; it is done `delay` later


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """What the server remembers of a key."""

    at: datetime
    receipt: Receipt | None = None
    error: PublishError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Coming:
    due: datetime
    receipt: Receipt
    edited: bool = False  #: of a status that is there already, unless it is deleted before


class MemoryPublisher:
    """`now` is the server's clock, too. `faults` are used up one by one; None among them is a good answer."""

    def __init__(
        self,
        *,
        account: str = "@me@memory.example",
        limits: Limits | None = None,
        now: Callable[[], datetime] = lambda: _EPOCH,
        faults: Iterable[Fault | None] = (),
        delay: timedelta = timedelta(seconds=60),
    ) -> None:
        self._account = account
        self._limits = limits or Limits(software="memory", edits=True, boosts=True)
        self._now = now
        self._delay = delay
        self._keys: dict[str, _Kept] = {}
        self._coming: list[_Coming] = []
        self._serial = 0
        self.faults: deque[Fault | None] = deque(faults)
        self.deletion_faults: deque[Fault | None] = deque()  #: of the next requests that delete one
        self.statuses: list[Receipt] = []  #: in the order in which they appeared
        self.uploads: dict[str, MediaFile] = {}  #: not attached yet
        self.elsewhere: dict[str, str] = {}  #: addresses of statuses of others -> their ids here
        self.revised = 0  #: edits that changed something
        self._descriptions: dict[str, str] = {}
        self.unauthorized = False
        self.calls = 0
        self.rewrites: Callable[[str], str] | None = None  #: texts, without telling what was written

    @property
    def account(self) -> str:
        return self._account

    @property
    def quota(self) -> Quota | None:
        return None

    def limits(self) -> Limits:
        return self._limits

    def identity(self) -> Identity:
        self._check_token()
        name = self._account.removeprefix("@").partition("@")[0]
        return Identity(id=_ME, account=self._account, display_name=name, statuses=len(self._standing()))

    def upload(self, file: MediaFile, content: MediaStream, *, description: str | None) -> Upload:
        self._check_token()
        with content() as stream:
            size = sum(len(piece) for piece in iter(lambda: stream.read(65_536), b""))
        if size != file.size:
            raise MediaError(f"{file.name} is not {file.size:,} bytes long, as it was said to be.")
        remote_id = self._next_id()
        self.uploads[remote_id] = file
        self._descriptions[remote_id] = description or ""
        return Upload(remote_id=remote_id, ready=True)

    def uploaded(self, remote_id: str) -> Upload | None:
        self._check_token()
        return Upload(remote_id=remote_id, ready=True) if remote_id in self.uploads else None

    def publish(self, draft: StatusDraft, addressed: Addressed, *, key: str) -> Receipt:
        self._check_token()
        fault = self.faults.popleft() if self.faults else None
        if fault is not None and (error := _before(fault, self._now())) is not None:
            self._burn(key, error)
            raise error
        receipt = self._made(draft, addressed, key, fault)
        if fault is not None:
            raise Unknown("The answer was lost.")
        return receipt

    def _made(self, draft: StatusDraft, addressed: Addressed, key: str, fault: Fault | None) -> Receipt:
        kept = self._keys.get(key)
        if kept is not None and self._now() - kept.at < _MEMORY:
            if kept.error is not None:
                raise kept.error
            if kept.receipt is not None and self._limits.idempotency is Idempotency.REPLAYS:
                return kept.receipt
            raise Unknown("The server answered 500 to a repeated key.", status=500)
        try:
            receipt = self._accepted(draft, addressed)
        except Refused as error:
            self._burn(key, error)
            raise
        if fault is Fault.LATE:
            self._coming.append(_Coming(due=self._now() + self._delay, receipt=receipt))
        else:
            self.statuses.append(receipt)
        if self._limits.idempotency is not Idempotency.IGNORED:
            self._keys[key] = _Kept(at=self._now(), receipt=receipt)
        return receipt

    def _accepted(self, draft: StatusDraft, addressed: Addressed) -> Receipt:
        if draft.length > self._limits.max_characters:
            raise Refused(f"Text character limit of {self._limits.max_characters} exceeded", status=422)
        reply_to = addressed.reply_to
        if reply_to is not None and self._find(reply_to) is None:
            if self._limits.keeps_replies:
                raise Refused("The post you are trying to reply to does not appear to exist.", status=404)
            reply_to = None
        if self._limits.quotes and addressed.quote is not None and self._find(addressed.quote) is None:
            raise Refused("The post you are trying to quote does not appear to exist.", status=404)
        missing = [remote_id for remote_id in addressed.media if remote_id not in self.uploads]
        if missing:
            raise Refused(f"Media {', '.join(missing)} not found or already attached", status=422)
        for remote_id in addressed.media:
            del self.uploads[remote_id]
        return self._written(draft, replace(addressed, reply_to=reply_to))

    def _written(self, draft: StatusDraft, addressed: Addressed) -> Receipt:
        remote_id = self._next_id()
        backdated = draft.backdate if self._limits.backdates else None
        return Receipt(
            remote_id=remote_id,
            url=f"https://memory.example/@me/{remote_id}",
            created_at=backdated or self._now(),
            visibility=draft.visibility.value,
            in_reply_to_id=addressed.reply_to,
            quote_id=addressed.quote if self._limits.quotes else None,
            media_ids=addressed.media,
            descriptions=tuple(self._descriptions[each] for each in addressed.media),
            text=self.rewrites(addressed.text) if self.rewrites else addressed.text.strip(),
            spoiler_text=draft.spoiler_text,
            sensitive=draft.sensitive,
            language=draft.language,
            author_id=_ME,
        )

    def resolve(self, url: str) -> str | None:
        self._check_token()
        ours = (each.remote_id for each in self._standing() if each.url == url and not each.reblog)
        return self.elsewhere.get(url) or next(ours, None)

    def boost(self, remote_id: str, draft: StatusDraft) -> Receipt:
        self._check_token()
        fault = self.faults.popleft() if self.faults else None
        if fault is not None and (error := _before(fault, self._now())) is not None:
            raise error
        held = next((each for each in self._standing() if each.reblog_of == remote_id), None)
        receipt = held or self._passed_on(remote_id, draft)
        if fault is Fault.LATE and held is None:
            self._coming.append(_Coming(due=self._now() + self._delay, receipt=receipt))
        elif held is None:
            self.statuses.append(receipt)
        if fault is not None:
            raise Unknown("The answer was lost.")
        return receipt

    def _passed_on(self, remote_id: str, draft: StatusDraft) -> Receipt:
        places = {place: url for url, place in self.elsewhere.items()}
        original = self._find(remote_id)
        if original is None and remote_id not in places:
            raise Refused("Record not found", status=404)
        return Receipt(
            remote_id=self._next_id(),
            url=original.url if original else places[remote_id],
            created_at=self._now(),
            visibility=draft.visibility.value,
            reblog=True,
            reblog_of=remote_id,
            author_id=_ME,
        )

    def unboost(self, remote_id: str) -> None:
        self._check_token()
        fault = self.deletion_faults.popleft() if self.deletion_faults else None
        if fault is not None and (error := _before(fault, self._now())) is not None:
            raise error
        self.statuses = [each for each in self._standing() if each.reblog_of != remote_id]
        if fault is not None:
            raise Unknown("The answer was lost.")

    def find(self, draft: StatusDraft, addressed: Addressed, *, since: datetime) -> Sequence[Receipt]:
        self._check_token()
        standing = [r for r in self._standing() if draft.backdate or r.created_at >= since]
        if addressed.boost is not None:
            return tuple(each for each in reversed(standing) if each.reblog_of == addressed.boost)
        rated = [(likeness(draft, addressed, r, limits=self._limits), r) for r in reversed(standing)]
        sure = sorted((pair for pair in rated if pair[0] > Likeness.PLAUSIBLE), key=lambda pair: -pair[0])
        perhaps = (r for like, r in rated if like is Likeness.PLAUSIBLE and resembles(draft, addressed, r))
        doubtful = (replace(receipt, doubtful=True) for receipt in perhaps if self.rewrites)
        return (*(receipt for _, receipt in sure), *doubtful)

    def own(self, *, max_id: str | None = None) -> Sequence[Receipt]:
        self._check_token()
        newest = sorted(self._standing(), key=lambda r: int(r.remote_id), reverse=True)
        return tuple(r for r in newest if max_id is None or int(r.remote_id) < int(max_id))[:_PAGE]

    def get(self, remote_id: str) -> Receipt | None:
        self._check_token()
        return self._find(remote_id)

    def exact(self, receipt: Receipt) -> Receipt:
        return receipt

    def revise(self, remote_id: str, draft: StatusDraft, addressed: Addressed) -> Receipt:
        self._check_token()
        fault = self.faults.popleft() if self.faults else None
        if fault is not None and (error := _before(fault, self._now())) is not None:
            raise error
        before = self._find(remote_id)
        if before is None or not self._limits.edits:
            raise Refused("Record not found", status=404)
        after = replace(
            before,
            text=addressed.text.strip(),
            spoiler_text=draft.spoiler_text,
            sensitive=draft.sensitive,
            language=draft.language,
            media_ids=addressed.media,
            descriptions=_described(draft, addressed, before),
        )
        if fault is Fault.LATE:
            self._coming.append(_Coming(due=self._now() + self._delay, receipt=after, edited=True))
        else:
            self._replace(after)
        if fault is not None:
            raise Unknown("The answer was lost.")
        return after

    def _replace(self, receipt: Receipt) -> None:
        for at, standing in enumerate(self.statuses):
            if standing.remote_id == receipt.remote_id:
                self.revised += standing != receipt
                self.statuses[at] = receipt

    def withdraw(self, remote_id: str) -> None:
        self._check_token()
        fault = self.deletion_faults.popleft() if self.deletion_faults else None
        if fault is not None and (error := _before(fault, self._now())) is not None:
            raise error
        found = self._find(remote_id)
        if found is not None:  # and the boosts of it with it
            self.statuses = [
                each for each in self.statuses if each is not found and each.reblog_of != remote_id
            ]
        if fault is not None:
            raise Unknown("The answer was lost.")

    def _find(self, remote_id: str) -> Receipt | None:
        return next((r for r in self._standing() if r.remote_id == remote_id), None)

    def _standing(self) -> list[Receipt]:
        """What is there by now: late requests arrive when their time has come."""
        arrived = [coming for coming in self._coming if coming.due <= self._now()]
        self._coming = [coming for coming in self._coming if coming.due > self._now()]
        self.statuses += [coming.receipt for coming in arrived if not coming.edited]
        for coming in arrived:
            if coming.edited:
                self._replace(coming.receipt)
        return self.statuses

    def _burn(self, key: str, error: PublishError) -> None:
        """Akkoma keeps every answer under its key, errors included (§2)."""
        if self._limits.idempotency is Idempotency.BURNS and isinstance(error, Refused):
            self._keys[key] = _Kept(at=self._now(), error=error)

    def _check_token(self) -> None:
        self.calls += 1
        if self.unauthorized:
            raise Unauthorized("The access token is invalid", status=401)

    def _next_id(self) -> str:
        self._serial += 1
        return str(self._serial)


def _described(draft: StatusDraft, addressed: Addressed, before: Receipt) -> tuple[str, ...]:
    """Those of the draft, as long as it has as many media as the status."""
    present = [medium.description or "" for medium in draft.media if medium.goes]
    if len(present) == len(addressed.media):
        return tuple(present)
    known = dict(zip(before.media_ids, before.descriptions, strict=True))
    return tuple(known.get(each, "") for each in addressed.media)


def _before(fault: Fault, now: datetime) -> PublishError | None:
    """The error of a request that does nothing; None: the fault lies in the answer."""
    match fault:
        case Fault.REFUSED:
            return Refused("The server refused it.", status=422)
        case Fault.DEFERRED:
            return Deferred("Too many requests", until=now + timedelta(minutes=5), status=429)
        case Fault.UNAUTHORIZED:
            return Unauthorized("The access token is invalid", status=401)
        case Fault.NOT_SENT:
            return Deferred("The server cannot be reached.", sent=False)
        case Fault.LOST_BEFORE:
            return Unknown("No answer.")
    return None
