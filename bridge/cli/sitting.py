"""Whom an account of a mirror resembles: what X tells of the owner, where it is read; else the archives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from bridge.cli.profile import load_picture, profile_in
from bridge.errors import MediaError
from bridge.sources.exports import is_export

if TYPE_CHECKING:
    from bridge.cli.mirroring import Mirrors
    from bridge.engine.tend import Route
    from bridge.profile import Picture, Profile, Shown
    from bridge.publishers.mastodon import MastodonPublisher
    from bridge.publishers.presence import Dress

_FRESH = timedelta(hours=23)  # so long the answer of X does for all accounts that want it: it is billed
_RIGHTS = frozenset({"write", "write:accounts"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Sitting:
    """Implements `Sitter`. `names`: of the sources that tell; `publisher`: once the server was met."""

    mirrors: Mirrors
    teller: str
    names: tuple[str, ...]
    source: str
    locale: str | None
    fetch: bool
    publisher: Callable[[], MastodonPublisher]
    say: Callable[[str], None]

    def told(self) -> Profile | None:
        if self.teller == "x-api":
            return _by_x(self.mirrors, self.names[0])
        archives = [path for path in self.mirrors.app.paths(self.names) if not is_export(path)]
        return profile_in(archives) if archives else None

    def picture(self, picture: Picture) -> bytes:
        if not (picture.file or self.fetch):
            raise MediaError("It is not in the archive.", hint="`watch.fetch_media` asks the old network.")
        return load_picture(self.mirrors.app, picture)

    def may_change(self) -> bool:
        scopes = self.publisher().identity().scopes
        return scopes is None or not _RIGHTS.isdisjoint(scopes)

    def shown(self) -> Shown:
        return self.publisher().shown()

    def dress(self, dress: Dress) -> Shown:
        return self.publisher().dress(dress)


def sitting(
    mirrors: Mirrors, route: Route, publisher: Callable[[], MastodonPublisher], say: Callable[[str], None]
) -> Sitting | None:
    """None: no source of the mirror tells of a profile, or none does yet."""
    tables, loaded = mirrors.app.settings.sources, mirrors.app.loaded
    for teller in ("x-api", "twitter-archive"):
        names = tuple(name for name in route.sources if tables[name].type == teller)
        if names and route.accounts:
            return Sitting(
                mirrors=mirrors,
                teller=teller,
                names=names,
                source=route.accounts[0],
                locale=loaded.render(route.mirror).locale,
                fetch=loaded.watch(route.mirror).fetch_media,
                publisher=publisher,
                say=say,
            )
    return None


def _by_x(mirrors: Mirrors, name: str) -> Profile | None:
    now, known = mirrors.clock.now(), mirrors.profiles.get(name)
    if known is not None and now - known[0] < _FRESH:
        return known[1]
    source = mirrors.source(name)
    if source is None:
        return None
    found = mirrors.x_reading.profile(source.account, source.owner)
    mirrors.profiles[name] = (now, found)
    return found
