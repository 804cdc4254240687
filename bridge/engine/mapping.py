"""What was published where: for archivists, web teams, and whoever cited a post."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby, islice

from bridge.ledger import Ledger
from bridge.ledger.rows import Delivery
from bridge.posts import Post
from bridge.rendering.text import link_to

_BATCH = 500  # posts in memory at a time


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapped:
    """A post and its statuses at one account, the parts in their order. `url`: where it stood."""

    post: Post
    url: str | None
    statuses: tuple[Delivery, ...]


def mapping(ledger: Ledger, account: str) -> Iterator[Mapped]:
    """In the order of publication; posts that were never planned for the account are not in it."""
    found = groupby(ledger.queue.every(account), key=lambda row: (row.source, row.post_id))
    groups = (tuple(rows) for _, rows in found)
    while batch := list(islice(groups, _BATCH)):
        wanted = defaultdict(list)
        for rows in batch:
            wanted[rows[0].source].append(rows[0].post_id)
        posts = {source: ledger.posts.load(source, ids) for source, ids in wanted.items()}
        for rows in batch:
            post = posts[rows[0].source][rows[0].post_id]
            yield Mapped(post=post, url=link_to(post), statuses=rows)
