"""Hold the ledger against the account: what is there, what is missing, what is there twice or otherwise.

Reads the account's own statuses page by page, within the window for paging. Changes nothing; `repair` settles
the request whose outcome is not known. What is missing is reported, not sent again: somebody may have deleted
it there on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from bridge.engine.attempt import linked
from bridge.engine.recover import look_once
from bridge.engine.round import Round, Stop
from bridge.engine.terms import Ports, Terms
from bridge.errors import Deferred, NetworkError, Unknown
from bridge.pacing import LOOK, Need
from bridge.publications import Publication
from bridge.publishers.base import Addressed, Receipt
from bridge.publishers.match import normal, says
from bridge.statuses import Visibility

_GET = Need(statuses=0, calls=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`kind`: missing, duplicate or altered. `detail` says in which way, for a person."""

    kind: str
    source: str
    post_id: str
    part: int
    remote_id: str
    url: str | None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """Counts are statuses. `hidden`: the server shows them to no program; `foreign`: not ours at all."""

    present: int = 0
    hidden: int = 0
    foreign: int = 0
    settled: int = 0
    unknown: int = 0
    findings: tuple[Finding, ...] = ()

    def of(self, kind: str) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.kind == kind)


@dataclass(slots=True)
class _Shelf:
    """The account as read: statuses by id, until the ledger claims them."""

    left: dict[str, Receipt] = field(default_factory=dict)
    ours: dict[str, tuple[Publication, datetime]] = field(default_factory=dict)


def verify(ports: Ports, terms: Terms, *, repair: bool = False) -> Verified:
    """Raises `Locked` when a run works on the account, `Unauthorized` and `NetworkError` as the reads do."""
    queue, account = ports.ledger.queue, ports.publisher.account
    hold = queue.hold(account, owner=ports.owner, now=ports.clock.now(), seconds=terms.lease)
    try:
        run = Round(ports, terms, hold)
        try:
            return _verify(run, repair=repair)
        except Stop as stop:
            raise NetworkError(stop.problem or "Interrupted; nothing was changed.") from stop
        finally:
            run.save()
    finally:
        queue.release(hold)


def _verify(run: Round, *, repair: bool) -> Verified:
    settled = _settle(run) if repair else 0
    shelf = _Shelf(left={receipt.remote_id: receipt for receipt in _account(run) if not receipt.reblog})
    findings: list[Finding] = []
    present = hidden = 0
    for row in run.queue.published(run.account):
        receipt = shelf.left.pop(row.remote_id or "", None)
        if receipt is None:
            receipt = _get(run, row)
        if receipt is None and _is_hidden(run, row):
            hidden += 1
        elif receipt is None:
            findings.append(_finding("missing", row))
        else:
            present += 1
            findings.extend(_altered(run, row, receipt))
            shelf.ours.setdefault(_said(receipt), (row, receipt.created_at))
    duplicates = list(_duplicates(shelf))
    return Verified(
        present=present,
        hidden=hidden,
        foreign=len(shelf.left) - len(duplicates),
        settled=settled,
        unknown=run.queue.unknown_count(run.account),
        findings=(*findings, *duplicates),
    )


def _settle(run: Round) -> int:
    """One request at most is in flight at an account."""
    row = run.queue.abandoned(run.hold, now=run.now())
    return 0 if row is None else int(look_once(run, row))


def _account(run: Round) -> Iterator[Receipt]:
    max_id: str | None = None
    while page := _page(run, max_id):
        yield from page
        max_id = page[-1].remote_id


def _page(run: Round, max_id: str | None) -> list[Receipt]:
    while True:
        _wait(run, LOOK)
        try:
            page = list(run.ports.publisher.own(max_id=max_id))
        except (NetworkError, Deferred, Unknown) as error:
            run.wait(run.pause_for(error), error.message)
            continue
        run.spend(LOOK)
        run.answered()
        return page


def _get(run: Round, row: Publication) -> Receipt | None:
    """Some servers list only the newest statuses; ask for this one."""
    while row.remote_id is not None:
        _wait(run, _GET)
        try:
            receipt = run.ports.publisher.get(row.remote_id)
        except (NetworkError, Deferred, Unknown) as error:
            run.wait(run.pause_for(error), error.message)
            continue
        run.spend(_GET)
        run.answered()
        return receipt
    return None


def _wait(run: Round, need: Need) -> None:
    until, rule = run.budget.wait(run.now(), need)
    if rule is not None:
        run.wait(until, rule)
    run.check_signal()
    run.keep()


def _is_hidden(run: Round, row: Publication) -> bool:
    return row.draft.visibility is Visibility.PRIVATE and not run.limits.shows_private


def _says_so_as_sent(row: Publication, receipt: Receipt) -> bool:
    """Own links may have been filled in less than today; a quote that could not be one is a link below."""
    text = receipt.text or ""
    if row.draft.quote is not None:
        head, _, link = text.rpartition("\n\n")
        text = head if "/status/" in link else text
    return says(row.draft, Addressed(text=row.draft.text), replace(receipt, text=text))


def _says_so_as_edited(run: Round, row: Publication, receipt: Receipt) -> bool:
    """An edit whose answer was lost has come through; the next update settles it."""
    edit = run.queue.editing(run.account)
    return edit is not None and edit.row.id == row.id and says(edit.draft, Addressed(text=edit.text), receipt)


def _altered(run: Round, row: Publication, receipt: Receipt) -> Iterator[Finding]:
    addressed = Addressed(text=linked(run.queue, row))
    found = []
    if receipt.text is not None and not (
        says(row.draft, addressed, receipt)
        or _says_so_as_sent(row, receipt)
        or _says_so_as_edited(run, row, receipt)
    ):
        found.append("the text is another")
    if receipt.visibility is not None and receipt.visibility != row.draft.visibility:
        found.append(f"it is {receipt.visibility}, not {row.draft.visibility}")
    present = sum(medium.file is not None for medium in row.draft.media)
    if len(receipt.media_ids) < present:
        found.append(f"it has {len(receipt.media_ids)} of {present} media")
    if receipt.in_reply_to_id is None and run.queue.reply_target(row) is not None:
        found.append("it does not continue its thread")
    if found:
        yield _finding("altered", row, "; ".join(found))


def _duplicates(shelf: _Shelf) -> Iterator[Finding]:
    """The same words as one of ours, later, and not in the ledger."""
    for receipt in shelf.left.values():
        twin = shelf.ours.get(_said(receipt))
        if twin is not None and receipt.created_at >= twin[1] and receipt.text:
            row = twin[0]
            yield Finding(
                kind="duplicate",
                source=row.source,
                post_id=row.post_id,
                part=row.draft.part,
                remote_id=receipt.remote_id,
                url=receipt.url,
                detail=f"says the same as {row.remote_url or row.remote_id}",
            )


def _said(receipt: Receipt) -> str:
    return normal(f"{receipt.spoiler_text} {receipt.text or ''}")


def _finding(kind: str, row: Publication, detail: str = "") -> Finding:
    return Finding(
        kind=kind,
        source=row.source,
        post_id=row.post_id,
        part=row.draft.part,
        remote_id=row.remote_id or "",
        url=row.remote_url,
        detail=detail,
    )
