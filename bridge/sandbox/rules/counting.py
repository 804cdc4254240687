"""How each server measures a text: written from the servers' sources, and only for judging.

The client counts with code of its own; the two check each other in the tests.
"""

from __future__ import annotations

from enum import StrEnum

import regex

URL_WEIGHT = 23


class Measure(StrEnum):
    MASTODON = "mastodon"  # graphemes; a URL weighs 23, a remote mention its local part
    GRAPHEMES = "graphemes"  # Akkoma: graphemes of the trimmed text, everything in full
    CODE_POINTS = "code_points"  # GoToSocial, Takahe, Pixelfed: everything in full
    NONE = "none"  # snac, Hollo: announced, not enforced


# Top-level domains of two letters are all countries; the longer ones here are those in common use. Mastodon
# has the whole list: a URL of a rarer one is counted in full here, which is the strict side.
TLDS = (
    "com|org|net|edu|gov|mil|int|info|biz|name|museum|aero|coop|jobs|mobi|pro|tel|travel|cat|asia|post|arpa|"
    "social|app|dev|blog|page|online|site|website|store|shop|tech|cloud|space|world|city|news|media|photo|"
    "photos|pictures|gallery|art|design|studio|music|film|video|live|life|today|agency|academy|education|"
    "school|university|science|community|network|systems|software|digital|email|link|click|wiki|zone|works|"
    "paris|bzh|alsace|corsica|berlin|london|wien|quebec|scot|wales|tokyo|nyc|club|team|events|tours|land|"
    "house|garden|green|eco|ngo|ong|foundation|exchange|team|company|group|international|global|one|xyz|top|"
    "goog|google|youtube|test|example|[a-z]{2}|xn--[a-z0-9-]+|[^\\x00-\\x7f]{2,}"
)
# This server's own address stands for the name that a real instance would have, so it counts as one.
URL = regex.compile(
    rf"(?<![\p{{L}}\p{{M}}\p{{Nd}}@＠$#＃_/-])"
    rf"https?://(?:127\.0\.0\.1|(?:[\p{{L}}\p{{N}}_](?:[\p{{L}}\p{{N}}_-]*[\p{{L}}\p{{N}}_])?\.)+(?:{TLDS}))"
    rf"(?![\p{{L}}\p{{N}}_@-])"
    rf"(?::\d+)?"
    rf"(?:/(?:[\p{{L}}\p{{N}}\p{{M}}!*';:=+,.$%#_~&|@/\[\]-]|\([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*\))*)?"
    rf"(?:\?[\p{{L}}\p{{N}}!?*'();:&=+$/%#\[\]_.,~|@-]*[\p{{L}}\p{{N}}_&=#/-])?",
    regex.IGNORECASE,
)
TRAILING = regex.compile(r"[.,:;!?'*|~@$\[\]]+$")
MENTION = regex.compile(
    r"(?<![=/\w])@(?P<name>[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)"
    r"(?:@(?P<host>[\p{L}\p{N}.-]+[\p{L}\p{N}]+(?::\d+)?))?",
    regex.IGNORECASE,
)
HASHTAG = regex.compile(
    r"(?<![^\s(\[{\"'«“‘…:;,.!?¿¡—–-])[#＃](?P<name>[\p{L}\p{M}\p{N}_·\u200c]*[\p{L}\p{M}_·][\p{L}\p{M}\p{N}_·\u200c]*)"
)
GRAPHEME = regex.compile(r"\X")


def urls(text: str) -> list[tuple[int, int]]:
    """Spans of the URLs that Mastodon links (a scheme, a known top-level domain)."""
    spans = []
    for match in URL.finditer(text):
        found = TRAILING.sub("", match[0])
        spans.append((match.start(), match.start() + len(found)))
    return spans


def measure(text: str, spoiler: str, how: Measure) -> int:
    """The length that the server holds against its limit."""
    if how is Measure.NONE:
        return 0
    if how is Measure.CODE_POINTS:
        return len(text) + len(spoiler)
    if how is Measure.GRAPHEMES:
        return _graphemes(text.strip()) + _graphemes(spoiler.strip())
    return _graphemes(spoiler) + _graphemes(_shortened(text))


def _shortened(text: str) -> str:
    pieces: list[str] = []
    at = 0
    for start, end in urls(text):
        pieces += (_local_mentions(text[at:start]), "x" * URL_WEIGHT)
        at = end
    return "".join(pieces) + _local_mentions(text[at:])


def _local_mentions(text: str) -> str:
    if "@" not in text:
        return text
    return MENTION.sub(_without_host, text)


def _without_host(match: regex.Match[str]) -> str:
    host = match["host"] or ""
    return match[0] if len(host) > 253 else f"@{match['name']}"


def _graphemes(text: str) -> int:
    return len(text) if text.isascii() and "\r" not in text else sum(1 for _ in GRAPHEME.finditer(text))
