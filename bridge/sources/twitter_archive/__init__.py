"""Reads the archives that Twitter/X hands out, of every era since 2012, from the zip or folder as it is."""

from bridge.sources.twitter_archive.archive import TwitterArchive, open_archives, open_member

__all__ = ["TwitterArchive", "open_archives", "open_member"]
