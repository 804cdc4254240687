"""The practice server, and what it has against what was planned."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bridge.cli.timelapse import TimeLapse
from bridge.sandbox.server import Sandbox
from tests.e2e.command import Passerelle


@contextmanager
def rehearsal(passerelle: Passerelle, profile: str) -> Iterator[Sandbox]:
    """A server with all its limits, and a program that waits them out, on one clock that runs fast."""
    clock = TimeLapse(time.time())
    passerelle.hurried = clock.start
    with Sandbox(profile=profile, clock=clock) as server:
        log_in(passerelle, server)
        yield server


Planned = list[dict[str, Any]]


def log_in(passerelle: Passerelle, server: Sandbox) -> None:
    passerelle.run("login", server.base_url, "--with-token", say=server.token + "\n")


def planned(passerelle: Passerelle, *arguments: str) -> Planned:
    """The statuses that a preview promises, in order."""
    lines = passerelle.run("preview", *arguments, "--jsonl", "-").out
    posts = [json.loads(line) for line in lines.splitlines()]
    return [status for post in posts if post["decision"] == "publish" for status in post["statuses"]]


def assert_arrived(server: Sandbox, wanted: Planned) -> None:
    """Each planned status is there once, in order, with its media; links to own posts are filled in."""
    there = server.state.statuses
    assert len(there) == len(wanted)
    moving = [index for index, status in enumerate(wanted) if there[index].text != status["text"]]
    for index in moving:
        assert " ".join(there[index].text.split()[:3]) == " ".join(wanted[index]["text"].split()[:3])
        assert server.base_url in there[index].text, wanted[index]["text"]
    sent = Counter(sum(not medium["missing"] for medium in status["media"]) for status in wanted)
    assert Counter(len(status.media_ids) for status in there) == sent
    replies = sum(status["in_reply_to"] is not None for status in wanted)
    assert sum(status.in_reply_to_id is not None for status in there) == replies
    assert not server.state.notices, "a back catalogue notifies nobody"
