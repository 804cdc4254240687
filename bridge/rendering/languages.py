"""Language tags as a destination accepts them."""

from __future__ import annotations

import re
from functools import lru_cache

# Twitter's own spellings of ISO 639 codes that were withdrawn in 1989.
_RENAMED = {"in": "id", "iw": "he", "ji": "yi"}
# No language: undetermined, no content, several; and Twitter's marks for media, tags, mentions, short texts.
_NONE = frozenset({"und", "zxx", "mul", "mis", "art", "qme", "qht", "qam", "qst", "qct"})
_TAG = re.compile(r"([a-z]{2,3})(?:[-_]([a-z]{4}))?(?:[-_]([a-z]{2}|[0-9]{3}))?", re.I)


@lru_cache(maxsize=512)
def language_tag(tag: str | None, accepted: str = "any") -> str | None:
    """The tag in its usual spelling; None when the server would refuse it (`Limits.language_tags`)."""
    match = _TAG.fullmatch(tag or "")
    if match is None or match[1].lower() in _NONE:
        return None
    language = _RENAMED.get(match[1].lower(), match[1].lower())
    if accepted == "iso639":  # Akkoma: ISO 639-1 only, else 422
        return language if len(language) == 2 else None
    script, region = match[2], match[3]
    return "-".join(filter(None, (language, script and script.title(), region and region.upper())))
