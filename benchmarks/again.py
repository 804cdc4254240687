"""What it costs to publish when little or nothing is left to do: after a stop, or every night by a timer."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from benchmarks.steps import Figure, Sizes, archive, bridge, home
from bridge.sandbox.server import Sandbox

_PUBLISHED = """
UPDATE publications
SET state = 'published', remote_id = 'r' || id, published_at = ?, published_digest = draft_digest
WHERE state = 'approved' AND id > ?
"""
_LOST = """
UPDATE publications SET state = 'publishing', lease = 'gone', attempts = 1, attempted_at = ?,
remote_id = NULL, remote_url = NULL, published_at = NULL, published_digest = NULL
WHERE id = (SELECT max(id) FROM publications)
"""
_LONG_AGO = "2024-05-01 12:00:00.000000"


def again(folder: Path, sizes: Sizes) -> Iterator[Figure]:
    """Published in the ledger only, for the most part: the server is not asked about what is settled."""
    for posts in (sizes.published // 10, sizes.published):
        with Sandbox(profile="mastodon", limits=False) as server:
            at = home(folder, f"again-{posts}")
            bridge(at, "login", server.base_url, "--with-token", say=server.token + "\n")
            bridge(at, "import", str(archive(folder, posts, plain=True)))
            bridge(at, "publish", "--yes", "--json", "--max-posts", "5")
            _write(at, _PUBLISHED, (_LONG_AGO, 0))
            yield _run(at, server, f"publish with all of {posts:,} posts published", requests=5, seconds=2.0)
            _write(at, _LOST, (_LONG_AGO,))
            yield _run(at, server, f"resuming with one of {posts:,} unknown", requests=15, seconds=2.5)


def _write(at: Path, statement: str, values: tuple[object, ...]) -> None:
    ledger = sqlite3.connect(at / "ledger.db")
    with ledger:
        ledger.execute(statement, values)
    ledger.close()


def _run(at: Path, server: Sandbox, what: str, *, requests: int, seconds: float) -> Figure:
    before = server.exchange.log.total
    cost = bridge(at, "publish", "--yes", "--json")
    made = server.exchange.log.total - before
    return Figure(
        what=what,
        measured=f"{cost.seconds:.2f} s, {made} requests",
        goal=f"at most {requests} requests, {seconds:g} s",
        met=made <= requests and cost.seconds <= seconds,
    )
