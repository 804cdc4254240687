"""How a status of ours reads: its draft with the addresses of own posts in place, then and now."""

from __future__ import annotations

from bridge.engine.attempt import old_link, with_below
from bridge.ledger import Ledger
from bridge.ledger.rows import Standing
from bridge.planning import Said
from bridge.publications import Publication
from bridge.statuses import Limits, StatusDraft, StatusRef, with_links


def as_sent(ledger: Ledger, standing: Standing, limits: Limits) -> Said:
    """As we published it, or edited it since. The addresses that were known at that moment are in it."""
    row = standing.row
    if (known := _known(standing)) is not None:
        return Said(draft=row.draft, text=known)
    if row.is_adopted:
        return Said(draft=row.draft, text=None)
    text = with_links(row.draft, lambda ref: ledger.queue.sent_before(row, ref))
    quoted = row.draft.quote
    if quoted is not None and not _is_quote(ledger, row):
        text = with_below(text, old_link(ledger, row.source, quoted), row.draft, limits) or text
    return Said(draft=row.draft, text=text)


def as_edited(ledger: Ledger, standing: Standing, draft: StatusDraft, limits: Limits) -> str:
    """As an edit would have it today. What was sent without its quote gets none: a link stands for it."""
    row = standing.row

    def url(ref: StatusRef) -> str | None:
        remote = ledger.queue.remote(row.destination, row.source, ref.post_id, ref.part)
        return remote[1] if remote is not None else None

    text = _with_own_link(ledger, standing, draft, limits, with_links(draft, url))
    if draft.quote_of is not None:
        link = _link_below(standing)
        return text if link is None else with_below(text, link, draft, limits) or text
    if draft.quote is None:
        return text
    link = old_link(ledger, row.source, draft.quote)
    if _is_quote(ledger, row):
        if not _ends_with(standing, link):
            return text
    else:
        link = url(draft.quote) or link
    return with_below(text, link, draft, limits) or text


def _with_own_link(ledger: Ledger, standing: Standing, draft: StatusDraft, limits: Limits, text: str) -> str:
    """A link to the post stays below it, if that went in the place of media that could not go up."""
    row = standing.row
    if not any(ref.lost for ref in row.draft.media):
        return text
    link = old_link(ledger, row.source, StatusRef(post_id=row.post_id))
    if link in text or link not in (_known(standing) or ""):
        return text
    return with_below(text, link, draft, limits) or text


def _link_below(standing: Standing) -> str | None:
    """What stands for the quote of somebody else's post, where that could be none."""
    last = (_known(standing) or "").rpartition("\n")[2]
    return last if last.startswith("https://") and last not in standing.row.draft.text else None


def _known(standing: Standing) -> str | None:
    return standing.edited if standing.edited is not None else standing.sent


def _ends_with(standing: Standing, link: str) -> bool:
    """It could be no quote after all: its owner had deleted what it is about, without the ledger."""
    return (_known(standing) or "").endswith(link)


def _is_quote(ledger: Ledger, row: Publication) -> bool:
    return row.draft.quote is not None and ledger.queue.sent_before(row, row.draft.quote) is not None
