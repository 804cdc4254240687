"""Hold the ledger against the account: what is there, what is missing, what is there twice or otherwise.

Reads the account's own statuses page by page, within the window for paging. Changes nothing; `repair` settles
the request whose outcome is not known. What is missing is reported, not sent again: somebody may have deleted
it there on purpose, so a person decides (`Queue.send_again`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from bridge.engine.attempt import draft_is_hidden, linked
from bridge.engine.reading import reading, status, statuses_of
from bridge.engine.recover import look_once
from bridge.engine.round import Round
from bridge.engine.terms import Ports, Terms
from bridge.publications import Publication
from bridge.publishers.base import Addressed, Receipt
from bridge.publishers.match import normal, says


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """`kind`: missing, duplicate, altered or settled. `detail` says in which way, for a person."""

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
    unknown: int = 0
    findings: tuple[Finding, ...] = ()
    settlements: tuple[Finding, ...] = ()  #: lost answers that `repair` has found

    @property
    def settled(self) -> int:
        return len(self.settlements)

    def of(self, kind: str) -> tuple[Finding, ...]:
        return tuple(each for each in self.findings if each.kind == kind)


@dataclass(slots=True)
class _Shelf:
    """The account as read: statuses by id, until the ledger claims them."""

    left: dict[str, Receipt] = field(default_factory=dict)
    boosts: dict[str, Receipt] = field(default_factory=dict)
    ours: dict[str, tuple[Publication, datetime]] = field(default_factory=dict)


def verify(ports: Ports, terms: Terms, *, repair: bool = False) -> Verified:
    """Raises `Locked` when a run works on the account, `Unauthorized` and `NetworkError` as the reads do."""
    with reading(ports, terms) as run:
        return _verify(run, repair=repair)


def _verify(run: Round, *, repair: bool) -> Verified:
    settlements = _settle(run) if repair else ()
    shelf = _Shelf()
    for each in statuses_of(run):
        (shelf.boosts if each.reblog else shelf.left)[each.remote_id] = each
    findings: list[Finding] = []
    present, absent = 0, Counter[str]()
    for row in run.queue.published(run.account):
        shown = shelf.boosts if row.is_boost else shelf.left
        receipt = shown.pop(row.remote_id or "", None)
        if receipt is None and row.remote_id is not None:
            receipt = status(run, row.remote_id)
        if receipt is None:
            kind = _absence(run, row, repair=repair)
            absent[kind] += 1
            findings += [_finding("missing", row)] if kind == "missing" else []
            settlements += (_finding("settled", row),) if kind == "settled" else ()
        else:
            present += 1
            if row.is_boost:
                continue
            findings.extend(_altered(run, row, receipt))
            shelf.ours.setdefault(_said(receipt), (row, receipt.created_at))
    duplicates = list(_duplicates(shelf))
    return Verified(
        present=present,
        hidden=absent["hidden"],
        foreign=len(shelf.left) - len(duplicates),
        unknown=run.queue.unknown_count(run.account) + absent["unknown"],
        findings=(*findings, *duplicates),
        settlements=settlements,
    )


def _settle(run: Round) -> tuple[Finding, ...]:
    """One request at most is in flight at an account."""
    row = run.queue.abandoned(run.hold, now=run.now())
    if row is None or not look_once(run, row):
        return ()
    remote = run.queue.remote(row.destination, row.source, row.post_id, row.draft.part)
    remote_id, url = remote or (None, None)
    return (_finding("settled", replace(row, remote_id=remote_id, remote_url=url)),)


def _absence(run: Round, row: Publication, *, repair: bool) -> str:
    """Why it is not there. A deletion of ours that nobody wrote down is no loss: its answer was."""
    if draft_is_hidden(row.draft, run):
        return "hidden"
    if not run.queue.withdrawal_begun(row):
        return "missing"
    if repair:
        run.queue.withdraw(run.hold, row, now=run.now(), run=run.ports.run)
    return "settled" if repair else "unknown"


def _says_so_as_sent(row: Publication, receipt: Receipt) -> bool:
    """Own links may have been filled in less than today; a quote that could not be one is a link below."""
    text = receipt.text or ""
    if row.draft.quote is not None:
        head, _, link = text.rpartition("\n\n")
        text = head if "/status/" in link else text
    return says(row.draft, Addressed(text=row.draft.text), replace(receipt, text=text))


def _says_so_as_edited(run: Round, row: Publication, receipt: Receipt) -> bool:
    """In the words of that day. If its answer was lost, the next update settles it."""
    return any(says(draft, Addressed(text=text), receipt) for draft, text in run.queue.worded(row))


def _altered(run: Round, row: Publication, receipt: Receipt) -> Iterator[Finding]:
    if row.is_adopted:  # in the words of another tool, and as that tool was told
        return
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
    present = sum(medium.goes for medium in row.draft.media)
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
