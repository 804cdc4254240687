"""Imports what the program imports on its way to an account, to be there when it is forked."""

from __future__ import annotations

from importlib import import_module

for name in (
    "bridge.app",
    "bridge.cli.progress",
    "bridge.cli.publish",
    "bridge.cli.status",
    "bridge.cli.tree",
    "bridge.cli.watching",
    "bridge.config.values",
    "bridge.engine.deliver",
    "bridge.engine.files",
    "bridge.engine.propose",
    "bridge.engine.tally",
    "bridge.ledger",
    "bridge.media.fetch",
    "bridge.publishers.mastodon",
    "bridge.publishers.servers",
    "rich.console",
    "tests.chaos.sabotage",
    "tests.chaos.victim",
):
    import_module(name)
