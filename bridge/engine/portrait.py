"""The account's own picture, small, out of the archive whose files its posts name."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from bridge.errors import BridgeError
from bridge.ledger import Ledger
from bridge.media.thumbnails import thumbnail
from bridge.sources.twitter_archive import open_archives, open_member

_SIZE = 96  # pixels
_POSTS = 20  # with files: the newest archive is among theirs


def portrait(ledger: Ledger, source: str, named: Iterable[str] = ()) -> bytes | None:
    """As JPEG; None where no archive is at hand, or it has no picture of the account. `named`: archives that
    were named for it; else those are asked that files of its posts lie in."""
    posts = ledger.posts.load(source, ledger.posts.with_files(source, limit=_POSTS)).values()
    containers = {medium.container for post in posts for medium in post.media if medium.container}
    places = dict.fromkeys((*(str(Path(each).expanduser()) for each in named), *sorted(containers)))
    return next((found for each in places if (found := _of(each))), None)


def _of(container: str) -> bytes | None:
    if not Path(container).exists():
        return None
    try:
        archive = open_archives([Path(container)])
        try:
            picture = archive.profile().avatar
        finally:
            archive.close()
        if picture is None or picture.file is None or picture.container is None:
            return None
        member, place = picture.file, picture.container
        return thumbnail(lambda: open_member(place, member), _SIZE)
    except BridgeError:  # a folder of fetched files is no archive: letters do as well
        return None
