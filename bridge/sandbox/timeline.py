"""The account as a page to look at."""

from __future__ import annotations

from bridge.sandbox.rules.calls import Answer, Context


def page(ctx: Context, path: str) -> Answer | None:
    return None
