"""The addresses of statuses that another tool has made: its map had their ids only."""

from __future__ import annotations

from bridge.engine.reading import status
from bridge.engine.round import Round
from bridge.publications import Publication


def learn_addresses(run: Round, row: Publication) -> None:
    """Ask once for those that this one links to, before it is claimed; what is gone keeps its old link."""
    for link in row.draft.own_links:
        remote = run.queue.remote(row.destination, row.source, link.to.post_id, link.to.part)
        if remote is None or remote[1] is not None:
            continue
        receipt = status(run, remote[0])
        if receipt is not None and receipt.url is not None:
            run.queue.save_address(row.destination, remote[0], receipt.url)
