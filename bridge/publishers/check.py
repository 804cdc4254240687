"""A receipt held against what was asked: servers answer 200 and do something else."""

from __future__ import annotations

from datetime import timedelta

from bridge.publishers.base import Addressed, Receipt
from bridge.publishers.match import says
from bridge.statuses import Limits, StatusDraft, Warn

#: How many can read it, as far as servers' words for it can be compared.
WIDTH = {"direct": 0, "private": 1, "mutuals_only": 1, "unlisted": 2, "local": 2, "public": 3}
_NEAR = timedelta(seconds=1)


def is_wider(draft: StatusDraft, receipt: Receipt) -> bool:
    """More people can read it than was asked for: the run must stop (snac 2.75 makes unlisted public)."""
    found = WIDTH.get(receipt.visibility or "")
    return found is not None and found > WIDTH[draft.visibility.value]


def mismatches(
    draft: StatusDraft, addressed: Addressed, receipt: Receipt, *, limits: Limits
) -> tuple[Warn, ...]:
    """Everything in which the status differs from what was asked; the gravest, VISIBILITY_WIDER, first."""
    return (
        *_visibility(draft, receipt),
        *_connections(addressed, receipt, limits),
        *_content(draft, addressed, receipt),
        *_date(draft, receipt, limits),
    )


def _visibility(draft: StatusDraft, receipt: Receipt) -> list[Warn]:
    asked, found = draft.visibility.value, receipt.visibility
    if found is None or found == asked:
        return []
    code = "VISIBILITY_WIDER" if is_wider(draft, receipt) else "VISIBILITY_NARROWER"
    return [Warn(code=code, detail=f"asked for {asked}, came out {found}")]


def _connections(addressed: Addressed, receipt: Receipt, limits: Limits) -> list[Warn]:
    found = []
    if receipt.in_reply_to_id != addressed.reply_to:
        found.append(Warn(code="REPLY_LOST", detail=f"asked for an answer to {addressed.reply_to}"))
    if addressed.quote is not None and limits.quotes and receipt.quote_id != addressed.quote:
        found.append(Warn(code="QUOTE_LOST", detail=f"asked for a quote of {addressed.quote}"))
    asked, media = len(addressed.media), len(receipt.media_ids)
    if media != asked:
        found.append(Warn(code="MEDIA_LOST", detail=f"asked for {asked} media, came out with {media}"))
    return found


def _content(draft: StatusDraft, addressed: Addressed, receipt: Receipt) -> list[Warn]:
    if receipt.text is None or says(draft, addressed, receipt):
        return []
    return [Warn(code="TEXT_CHANGED", detail="the text came out differently")]


def _date(draft: StatusDraft, receipt: Receipt, limits: Limits) -> list[Warn]:
    if draft.backdate is None or not limits.backdates or abs(receipt.created_at - draft.backdate) <= _NEAR:
        return []
    return [
        Warn(
            code="DATE_LOST",
            detail=f"asked for {draft.backdate:%Y-%m-%d}, came out {receipt.created_at:%Y-%m-%d}",
        )
    ]
