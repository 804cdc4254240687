"""The files that media references name, as a publisher wants them."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from bridge.errors import ConfigError, MediaError
from bridge.media.files import describe
from bridge.publishers.base import MediaFile
from bridge.sources.twitter_archive import open_member
from bridge.statuses import MediaRef


class ArchiveFiles:
    """Reads them from the archives that they came with, wherever those still are."""

    def describe(self, ref: MediaRef) -> MediaFile:
        """Raises `MediaError` or `SourceError` when there is no such file, or it is no picture or film."""
        facts = describe(ref.file or "", lambda: self.open(ref))
        return MediaFile(name=facts.name, mime_type=facts.mime_type, size=facts.size, sha256=facts.sha256)

    def open(self, ref: MediaRef) -> BinaryIO:
        if ref.file is None or ref.container is None:
            raise MediaError("the file is missing from the archive")
        if not Path(ref.container).exists():
            raise ConfigError(
                f"The archive {ref.container} is not there, and the next posts need its media.",
                hint="Put it back, or name where it is now: `passerelle publish PATH`.",
            )
        return open_member(ref.container, ref.file)
