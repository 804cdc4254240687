"""What a status answers, quotes or links to, made certain before it is claimed."""

from __future__ import annotations

from bridge.engine.reading import status
from bridge.engine.round import Round
from bridge.publications import Publication


def learn_addresses(run: Round, row: Publication) -> None:
    """Of statuses that another tool has made: its map had their ids only. What is gone keeps its old link."""
    for link in row.draft.own_links:
        remote = run.queue.remote(row.destination, row.source, link.to.post_id, link.to.part)
        if remote is None or remote[1] is not None:
            continue
        receipt = status(run, remote[0])
        if receipt is not None and receipt.url is not None:
            run.queue.save_address(row.destination, remote[0], receipt.url)


def settle_withdrawals(run: Round, row: Publication) -> None:
    """What an `undo` that died had deleted is not there to be answered, and that is written down first."""
    gone = [each for each in run.queue.half_withdrawn(row) if status(run, each.remote_id or "") is None]
    for each in gone:
        run.queue.withdraw(run.hold, each, now=run.now(), run=run.ports.run)
    if gone:  # it answers another one now
        settle_withdrawals(run, row)
