"""The archive of an invented museum, for the demo and the tests; `python -m benchmarks.sample` makes it."""

from __future__ import annotations

from pathlib import Path


def path() -> Path:
    """Where the archive lies: a zip in the layout of 2024, about 3 MB, read in place."""
    return Path(__file__).with_name("museum.zip")
