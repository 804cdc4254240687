"""Feeds of an account of X, by whichever front end: RSS, Atom or JSON Feed."""

from bridge.sources.feed.feed import Feed, open_feed

__all__ = ["Feed", "open_feed"]
