"""Which of the posts that we know their author has deleted, as X tells it by their ids.

"Not found" is said of a post that was deleted, and of all posts of an account that is suspended or gone. So
where X finds none at all, it is asked whether the account is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bridge.errors import Spent
from bridge.posts import Author
from bridge.sources.twitter_api.asking import MOST, Api


def deleted(api: Api, owner: Author, ids: Sequence[str]) -> list[str]:
    """Those of these posts that are gone while their author is there.

    A post that is only hidden, as those of a protected account, is not gone. Where the money ends, the first
    are looked at. Raises `Spent` when it is enough for none; `SourceError` where the account is not there
    either.
    """
    gone: list[str] = []
    seen = False
    for number, some in enumerate(_portions(ids)):
        try:
            asked, found = api.lookup(some)
        except Spent:
            if not number:
                raise
            break
        seen = seen or bool(found.data)
        not_found = {each.resource_id for each in found.errors if each.is_not_found}
        gone.extend(each for each in asked if each in not_found)
    if gone and not seen:
        api.user(owner)
    return gone


def _portions(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (ids[start : start + MOST] for start in range(0, len(ids), MOST))
