"""Read a source into the ledger, a page at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from bridge.ledger import Ledger
from bridge.ledger.rows import Recorded
from bridge.posts import Kind
from bridge.sources.base import Notice, Page, Reject, Source, Summary

_SHOWN = 20  # rejects that are told one by one; the ledger has them all


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What a source gave. `read` counts posts so far, `tombstones` those that their author deleted."""

    account: str
    summary: Summary
    recorded: Recorded = field(default_factory=Recorded)
    read: int = 0
    tombstones: int = 0
    notices: tuple[Notice, ...] = ()
    rejects: tuple[Reject, ...] = ()  #: the first few


def collect(
    ledger: Ledger,
    source: Source,
    *,
    now: datetime,
    run: int | None = None,
    progress: Callable[[Collected], None] = lambda _: None,
) -> Collected:
    """Record every page of the source; idempotent, and safe to stop after any page.

    Raises `SourceError` when the source turns out to be unreadable; what was recorded before stays.
    """
    so_far = Collected(account=source.account, summary=source.summary())
    cursor = ledger.posts.cursor(source.account, source.stream)
    told = source.stream is None or cursor is None
    if source.stream is None and cursor is None and ledger.posts.newest(source.account) is not None:
        cursor = ""  # no file was read, but a feed was: an archive may lack what it has shown
    if told:
        ledger.posts.save_summary(source.account, so_far.summary, now=now)
    silence = Page(stream=source.stream, cursor=cursor)
    languages: Counter[str] = Counter()
    for page in source.pages(cursor):
        if page == replace(silence, gap=page.gap, notices=page.notices) and not told:
            so_far = replace(so_far, notices=so_far.notices + page.notices)
            continue  # no news: a feed that is asked all day does not write all day
        languages.update(p.language for p in page.posts if p.language and p.kind is not Kind.RETWEET)
        recorded = ledger.posts.record(page, source=source.account, run=run, now=now, merge=source.merge)
        so_far = replace(
            so_far,
            recorded=so_far.recorded + recorded,
            read=so_far.read + len(page.posts),
            tombstones=so_far.tombstones + len(page.tombstones),
            notices=so_far.notices + page.notices,
            rejects=(so_far.rejects + page.rejects)[:_SHOWN],
        )
        progress(so_far)
    if languages:
        ledger.posts.save_language(source.account, languages.most_common(1)[0][0])
    return so_far
