"""Reads what other tools have saved of an account: twarc, twitter-web-exporter, snscrape and their like."""

from bridge.sources.exports.export import Exports, is_export, open_exports

__all__ = ["Exports", "is_export", "open_exports"]
