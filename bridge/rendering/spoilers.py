"""The content warning of a post: its own, and what the user's keywords ask for."""

from __future__ import annotations

from functools import lru_cache

import regex

from bridge.posts import Post
from bridge.rendering.length import measure_spoiler
from bridge.rendering.options import Context
from bridge.rendering.split import words_within
from bridge.statuses import Warn

_UNCUT: tuple[Warn, ...] = ()
#: Written without spaces between words; Korean has them, but hangs its particles on the word.
_UNSPACED = "".join(
    rf"\p{{scx={script}}}"
    for script in ("Han", "Hiragana", "Katakana", "Hangul", "Thai", "Lao", "Khmer", "Myanmar")
)
_RUNS_ON = regex.compile(f"[{_UNSPACED}]")
_SPACED = rf"[^\W{_UNSPACED}]"  # a letter that would make another word of the keyword


def warning_text(post: Post, context: Context) -> tuple[str, tuple[Warn, ...]]:
    """The text to be shown before the post, or nothing; with a warning when it had to be cut."""
    rules = context.options.content_warnings
    if not post.spoiler and not rules:
        return "", _UNCUT
    found = [post.spoiler.strip()] if post.spoiler else []
    found += [warning for pattern, warning in _patterns(rules) if pattern.search(post.text)]
    text = ", ".join(dict.fromkeys(filter(None, found)))
    limits = context.limits
    size = limits.max_spoiler if limits.max_spoiler is not None else limits.max_characters
    if limits.spoiler_counts:
        size = min(size, limits.max_characters // 2)  # the text itself needs room, too
    if measure_spoiler(text, limits) <= size and len(text) <= size:
        return text, _UNCUT
    return words_within(text, size), (Warn(code="SPOILER_CUT", detail=text),)


@lru_cache(maxsize=64)
def _patterns(rules: tuple[tuple[str, str], ...]) -> tuple[tuple[regex.Pattern[str], str], ...]:
    return tuple((_pattern(keyword), warning) for keyword, warning in rules if keyword)


def _pattern(keyword: str) -> regex.Pattern[str]:
    """The keyword as a whole word, where its script tells words apart."""
    before = "" if _RUNS_ON.match(keyword) else rf"(?<!{_SPACED})"
    after = "" if _RUNS_ON.match(keyword[-1]) else rf"(?!{_SPACED})"
    return regex.compile(before + regex.escape(keyword) + after, regex.I)
