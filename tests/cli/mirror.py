"""A mirror at the command line: what its feed shows, what its account has, and `watch` as a process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bridge.sandbox.server import Sandbox
from tests.sources import feeds
from tests.sources.archives import HANDLE, day
from tests.sources.feeds import Entry, Front

ROOT = Path(__file__).resolve().parents[2]
MUSEUM = f"/{HANDLE}/rss"


def show(front: Front, *days: int) -> None:
    entries = [Entry(id=day(n), body=f"post {n}") for n in days]
    front.pages[MUSEUM] = (feeds.nitter(*entries), feeds.RSS)


def texts(mastodon: Sandbox) -> list[str]:
    """Of the account, oldest first."""
    return [text.partition("\n")[0] for text in mastodon.state.texts]


def eventually(true: Callable[[], bool], *, seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.05)


@contextlib.contextmanager
def watching(*arguments: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    running = subprocess.Popen(
        [sys.executable, "-m", "bridge", "watch", *arguments],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, **variables},
    )
    try:
        yield running
    finally:
        running.kill()
        running.wait()
        assert running.stderr is not None
        running.stderr.close()
