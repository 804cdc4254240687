"""Where the parts of an archive lie: one container may hold several, at any depth, of any era."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """What a file is for; the value is the name it has in an archive, without part number."""

    TWEETS = "tweets"
    NOTES = "note-tweet"
    COMMUNITY = "community-tweet"
    CIRCLE = "twitter-circle-tweet"
    DELETED = "deleted-tweets"
    DELETED_HEADERS = "deleted-tweet-headers"
    HEADERS = "tweet-headers"
    ARTICLES = "article"
    ARTICLE_METADATA = "article-metadata"
    MANIFEST = "manifest"
    ACCOUNT = "account"
    PROFILE = "profile"
    MONTH = "month"
    USER = "user_details"
    PAYLOAD = "payload_details"
    INDEX = "tweet_index"
    TABLE = "csv"


#: The names of the same roles in a manifest, old and new.
MANIFEST_TYPES = {
    "tweets": Role.TWEETS,
    "tweet": Role.TWEETS,
    "noteTweet": Role.NOTES,
    "communityTweet": Role.COMMUNITY,
    "twitterCircleTweet": Role.CIRCLE,
    "deletedTweets": Role.DELETED,
    "deletedTweet": Role.DELETED,
    "deletedTweetHeaders": Role.DELETED_HEADERS,
    "tweetHeaders": Role.HEADERS,
    "article": Role.ARTICLES,
    "articleMetadata": Role.ARTICLE_METADATA,
    "twitterArticle": Role.ARTICLES,
    "twitterArticleMetadata": Role.ARTICLE_METADATA,
}

_Y = re.compile(
    r"(?P<base>(?:.*/)?)(?P<role>tweets?|note-tweet|community-tweet|twitter-circle-tweet|deleted-tweets?"
    r"|deleted-tweet-headers|tweet-headers|(?:twitter-)?article(?:-metadata)?|manifest|account|profile)"
    r"(?:-part(?P<part>\d+))?\.js\Z"
)
_G = re.compile(
    r"(?P<base>(?:.*/)?)js/(?:tweets/(?P<month>\d{4}_\d{2})|(?P<role>user_details|payload_details|tweet_index))\.js\Z"
)
_TABLE = re.compile(r"(?P<base>(?:.*/)?)(?P<file>tweets\.csv|csv/\d{4}_\d{2}\.csv)\Z")
_OTHER_NAMES = {
    "tweet": "tweets",
    "deleted-tweet": "deleted-tweets",
    "twitter-article": "article",
    "twitter-article-metadata": "article-metadata",
}
_POSTS = frozenset({Role.TWEETS, Role.COMMUNITY, Role.CIRCLE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One archive: `base` is the folder of its files, "" or ending in a slash."""

    base: str
    family: str  #: Y or G
    files: dict[Role, tuple[str, ...]] = field(default_factory=dict)

    def of(self, role: Role) -> tuple[str, ...]:
        return self.files.get(role, ())

    @property
    def root(self) -> str:
        """The folder that a manifest's file names, and a G archive's table, are relative to."""
        return re.sub(r"(?:\A|(?<=/))data/\Z", "", self.base)


def find_layouts(names: Iterable[str]) -> list[Layout]:
    """The archives among these members; parts of a file in the order of their numbers."""
    names = sorted(names)
    found: dict[tuple[str, str], dict[Role, list[tuple[int, str]]]] = defaultdict(lambda: defaultdict(list))
    tables: list[tuple[str, str]] = []
    for name in names:
        for family, base, role, part in _read_name(name):
            found[family, base][role].append((part, name))
        table = _TABLE.match(name)
        if table:
            tables.append((_without_data(table["base"]), name))
    layouts = [
        Layout(base=base, family=family, files={role: _ordered(parts) for role, parts in roles.items()})
        for (family, base), roles in found.items()
        if (family == "Y" and roles.keys() & _POSTS) or Role.MONTH in roles
    ]
    return _with_tables(layouts, tables)


def _read_name(name: str) -> Iterator[tuple[str, str, Role, int]]:
    y = _Y.match(name)
    if y:
        yield "Y", y["base"], Role(_OTHER_NAMES.get(y["role"], y["role"])), int(y["part"] or 0)
    g = _G.match(name)
    if g:
        month = int(g["month"].replace("_", "")) if g["month"] else 0
        yield "G", g["base"], Role.MONTH if month else Role(g["role"]), month


def _ordered(parts: list[tuple[int, str]]) -> tuple[str, ...]:
    return tuple(name for _, name in sorted(parts))


def _without_data(base: str) -> str:
    return base.removesuffix("data/") if base == "data/" or base.endswith("/data/") else base


def _with_tables(layouts: list[Layout], tables: list[tuple[str, str]]) -> list[Layout]:
    """Tables go with the months of the same folder; without any they are an archive by themselves."""
    grouped: dict[str, list[str]] = defaultdict(list)
    for root, name in tables:
        grouped[root].append(name)
    done = []
    for layout in layouts:
        own = tuple(grouped.pop(layout.root, ())) if layout.family == "G" else ()
        files = {**layout.files, Role.TABLE: own} if own else layout.files
        done.append(Layout(base=layout.base, family=layout.family, files=files))
    taken = {layout.root for layout in layouts}
    for root, names in grouped.items():
        if root not in taken:
            done.append(Layout(base=root, family="G", files={Role.TABLE: tuple(names)}))
    return done
