"""What every post of one file has in common: whose it is, where it lies, which media may belong to it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from bridge.posts import Audience, Author, Media, Provenance
from bridge.sources.twitter_archive.wire import MediaWire

MediaOf = Callable[[str, list[MediaWire]], tuple[Media, ...]]

#: How true the text of a version is; the truest wins when archives are merged.
RANKS = {"Y2": 60, "Y1": 60, "Y0": 60, "G2": 50, "G1": 50, "GU": 40}
RANK_WHOLE_RETWEET = 65  #: G has the original's full text, where Y cut it at 140
RANK_NOTE = 62  #: a long text that was joined, over the same tweet without it
RANK_GU_CUT = 30
RANK_CSV_G2 = 20
RANK_CSV_G1 = 10

_SAFE_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*\Z")
_LANGUAGES = {"in": "id", "iw": "he", "ji": "yi"}
_NO_LANGUAGE = frozenset({"und", "zxx", "art", "qme", "qht", "qam", "qst", "qct"})
_ANCHOR = re.compile(r">([^<]*)<")


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    source: str
    owner: Author
    archive: str
    era: str
    member: str
    generated_at: datetime | None = None
    audience: Audience = Audience.PUBLIC
    media_of: MediaOf
    _stamps: dict[tuple[str, int], tuple[Provenance]] = field(default_factory=dict)

    def stamp(self, era: str, rank: int) -> tuple[Provenance]:
        """The provenance of a post of this file; one object for all with the same rank."""
        key = (era, rank)
        if key not in self._stamps:
            made = Provenance(
                archive=self.archive, era=era, member=self.member, rank=rank, generated_at=self.generated_at
            )
            self._stamps[key] = (made,)
        return self._stamps[key]

    def at(self, member: str, audience: Audience = Audience.PUBLIC) -> Origin:
        return replace(self, member=member, audience=audience, _stamps={})


class Unfit(ValueError):
    """A record that is no post; says why."""


@lru_cache(maxsize=256)
def language(code: str | None) -> str | None:
    """Twitter's code as BCP 47; None where Twitter could not tell or there was nothing to tell."""
    if code is None or code in _NO_LANGUAGE or not _SAFE_LANGUAGE.match(code):
        return None
    return _LANGUAGES.get(code, code)


@lru_cache(maxsize=256)
def client(source: str | None) -> str | None:
    """`Twitter for iPhone` of the anchor around it; the first archives have bare words."""
    if not source:
        return None
    found = _ANCHOR.search(source)
    name = found[1] if found else source
    return name if name and "<" not in name else None
