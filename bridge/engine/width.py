"""A server that makes posts wider than asked is not sent another one, by this run or a later one, unasked.

The account is paused in the ledger. The pause ends with a post that asks for at least the width which the
server gives anyway, or when a person says that it may be tried again.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from bridge.errors import Wider
from bridge.publishers.check import WIDTH
from bridge.statuses import Visibility

if TYPE_CHECKING:
    from bridge.engine.round import Round
    from bridge.publications import Publication
    from bridge.publishers.base import Receipt

_NARROWEST_FIRST = (Visibility.PRIVATE, Visibility.UNLISTED, Visibility.PUBLIC)
_REMEMBERED = re.compile(r"(\w+) instead of \w+: ")


def pause_and_stop(run: Round, row: Publication, receipt: Receipt) -> None:
    """Remember what came out wider, and end the run. Raises Wider."""
    where = receipt.url or f"status {receipt.remote_id}"
    asked, got = row.draft.visibility.value, receipt.visibility
    run.queue.pause(run.account, f"{got} instead of {asked}: {where} came out wider than it was meant to be.")
    raise Wider(
        f"{run.account} asked for a post that is {asked}, and the server made it {got} ({where}).",
        hint="Nothing more was sent. Delete that post there. " + _way_out(str(got)),
    )


def check_width(run: Round, row: Publication) -> None:
    """Before a status is sent. Raises Wider while the account is paused and this one could come out wider."""
    got = came_out(run.paused)
    if got is None:
        return
    if WIDTH[row.draft.visibility.value] < WIDTH[got]:
        raise Wider(
            f"Nothing is sent to {run.account}, whose server made a post {run.paused}", hint=_way_out(got)
        )
    run.queue.pause(run.account, None)
    run.paused = None


def came_out(paused: str | None) -> str | None:
    """The visibility that the server gave, if that is why the account is paused."""
    found = _REMEMBERED.match(paused or "")
    return found[1] if found and found[1] in WIDTH else None


def _way_out(got: str) -> str:
    wide = next(each.value for each in _NARROWEST_FIRST if WIDTH[each.value] >= WIDTH[got])
    return (
        f"If all may be {wide}, publish with `--visibility {wide}`; when the server has been put right,"
        " publish with `--try-again`."
    )
