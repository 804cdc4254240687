"""The files of an archive as they are; opened wherever the archive lies now."""

from __future__ import annotations

import shutil
import tempfile
import threading
from pathlib import Path
from typing import BinaryIO

from bridge.errors import ConfigError, MediaError
from bridge.posts import Media
from bridge.sources.twitter_archive import open_member
from bridge.statuses import MediaRef

_IN_MEMORY = 16 << 20
_nested = threading.Lock()


def original(of: MediaRef | Media) -> BinaryIO:
    """A file as the archive has it. ConfigError: the archive is not where it was."""
    if of.file is None or of.container is None:
        raise MediaError("the file is missing from the archive")
    if not Path(of.container).exists():
        raise ConfigError(
            f"The archive {of.container} is not there, and the next posts need its media.",
            hint="Put it back, or name where it is now: `passerelle publish PATH`.",
        )
    if "!/" not in of.file:
        return open_member(of.container, of.file)
    return _copied(of.container, of.file)


def _copied(container: str, member: str) -> BinaryIO:
    """Of the zips within an archive only one is open at a time: nobody else may ask for another."""
    copy = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - the caller closes it
    with _nested, open_member(container, member) as stream:
        shutil.copyfileobj(stream, copy)
    copy.seek(0)
    return copy  # type: ignore[return-value]  # it is one in all but its name
