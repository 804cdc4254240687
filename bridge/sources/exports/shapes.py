"""Which tool wrote a record: told by its keys, record by record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bridge.posts import Post
from bridge.sources.exports import gallery_dl, scraped, twint, v1, v2, web_exporter
from bridge.sources.exports.told import Stamp
from bridge.sources.twitter_archive.origin import Unfit

Entry = dict[str, Any]

FORMATS = "twarc (old and new), twitter-web-exporter, snscrape, twscrape, gallery-dl and twint"


@dataclass(frozen=True, slots=True)
class Shape:
    name: str
    knows: Callable[[Entry], bool]
    read: Callable[[Entry, Stamp], Iterator[Post | Unfit]]
    pieces: bool = False  #: a post comes in several records, which have to be brought together


def _one_piece(entry: Entry, stamp: Stamp) -> Iterator[Post]:
    yield from gallery_dl.read_gallery_dl([(entry, None)], stamp)


#: The surest signs first: some tools use the same words for the rest.
_SHAPES = (
    Shape("twarc2", v2.is_page, v2.read_page),
    Shape("gallery-dl", gallery_dl.is_gallery_dl, _one_piece, pieces=True),
    Shape("snscrape", scraped.is_scraped, scraped.read_scraped),
    Shape("twint", twint.is_twint, twint.read_twint),
    Shape("graphql", v1.is_graphql, v1.read_graphql),
    Shape("twitter-web-exporter", web_exporter.is_web_exporter, web_exporter.read_web_exporter),
    Shape("twarc", v1.is_v1, v1.read_v1),
    Shape("twarc2", v2.is_flat, v2.read_flat),
)


def shape_of(entry: Entry) -> Shape | None:
    return next((shape for shape in _SHAPES if shape.knows(entry)), None)
