"""A status as it stands, held against what we have put there and what it is to be."""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from bridge.planning import Said
from bridge.publishers.base import Addressed, Publisher, Receipt
from bridge.publishers.match import says
from bridge.statuses import StatusDraft


class Seen(StrEnum):
    """How a status reads; the values are stable, for those that are left alone."""

    AS_BEFORE = "AS_BEFORE"
    AS_WANTED = "AS_WANTED"
    EDITED_BY_HAND = "EDITED_BY_HAND"
    MEDIA_DIFFER = "MEDIA_DIFFER"
    MISSING = "MISSING"


def judge(publisher: Publisher, receipt: Receipt, before: Said, after: Said) -> Seen:
    """Asks for the exact text where the HTML does not settle it: there, mentions lose their servers."""
    if len(receipt.media_ids) != sum(medium.goes for medium in before.draft.media):
        return Seen.MEDIA_DIFFER
    found = _exactly(receipt, before, after)
    if found is None:
        receipt = publisher.exact(receipt)
        found = _exactly(receipt, before, after)
    if found is not None:
        return found
    # The server rewrites texts, or does not tell what the edit would change: to ask again does no harm.
    if before.text is None or _like(receipt, before.draft, before.text):
        return Seen.AS_BEFORE
    return Seen.AS_WANTED if _like(receipt, after.draft, after.text or "") else Seen.EDITED_BY_HAND


def reads_as(receipt: Receipt, draft: StatusDraft, text: str) -> bool:
    """As far as the server shows it."""
    return _like(receipt, draft, text)


def _exactly(receipt: Receipt, before: Said, after: Said) -> Seen | None:
    """None: as neither of them, or as both."""
    was, is_now = (
        each.text is not None and _words(receipt, each) and _marked(receipt, each.draft)
        for each in (before, after)
    )
    if was == is_now:
        return None
    return Seen.AS_BEFORE if was else Seen.AS_WANTED


def _words(receipt: Receipt, said: Said) -> bool:
    """Warning and text, taken together: a warning without text becomes the text on Mastodon (rules §3.1)."""
    asked = f"{said.draft.spoiler_text} {said.text}"
    found = f"{receipt.spoiler_text} {receipt.text or ''}"
    return _plain(asked) == _plain(found)


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).split())


def _like(receipt: Receipt, draft: StatusDraft, text: str) -> bool:
    return says(draft, Addressed(text=text), receipt) and _marked(receipt, draft)


def _marked(receipt: Receipt, draft: StatusDraft) -> bool:
    """Everything but the words, as far as the server tells it."""
    described = [medium.description or "" for medium in draft.media if medium.goes]
    return (
        receipt.sensitive in (None, draft.sensitive)
        and _tongue(receipt.language) in (None, _tongue(draft.language) or _tongue(receipt.language))
        and (not receipt.descriptions or [*map(_plain, receipt.descriptions)] == [*map(_plain, described)])
    )


def _tongue(tag: str | None) -> str | None:
    return tag.replace("_", "-").partition("-")[0].lower() if tag else None
