"""The composition root: settings are read once, here, and everything that costs anything is opened late."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bridge.config import Home, find_home
from bridge.config.credentials import (
    Credential,
    XToken,
    given_token,
    load_credentials,
    load_x_tokens,
    save_credentials,
    save_x_tokens,
)
from bridge.config.loading import Loaded, load
from bridge.config.settings import Settings
from bridge.errors import ConfigError, Unauthorized

if TYPE_CHECKING:
    from bridge.config.x_reading import XReading
    from bridge.engine.files import FittedFiles
    from bridge.engine.propose import Wish
    from bridge.engine.prospects import Prospects
    from bridge.fitting import Wanted
    from bridge.ledger import Ledger
    from bridge.media.cache import Cache
    from bridge.media.fetch import Fetcher
    from bridge.media.fit import Fitted
    from bridge.pacing import Pace
    from bridge.posts import Author
    from bridge.publishers.mastodon import MastodonPublisher
    from bridge.selection import Rules
    from bridge.sources.base import Source
    from bridge.statuses import Limits


def utcnow() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A destination that may be spoken to: who, how, and under which name of the settings."""

    credential: Credential
    destination: str | None = None  #: [destinations.NAME]
    mirror: str | None = None  #: [mirrors.NAME]

    @property
    def id(self) -> str:
        return self.credential.account


class App:
    """What a command works with. Close it, or use it in a `with` statement."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self._ledger: Ledger | None = None
        self._opened: list[FittedFiles | Fetcher] = []
        self._named: Fetcher | None = None
        self.heard: Callable[[int | None], None] = lambda _: None  #: of each request to a source, its answer

    # --- places

    @property
    def home(self) -> Home:
        return self.loaded.home

    @property
    def settings(self) -> Settings:
        return self.loaded.settings

    def handles_file(self, mirror: str | None = None) -> Path:
        """Where people are written down; without a mirror, that of all."""
        named = self.loaded.render(mirror).handles
        return self.loaded.path(named) if named else self.home.path / "handles.csv"

    @property
    def ledger_url(self) -> str:
        return self.settings.ledger.url or f"sqlite:///{self.home.ledger}"

    @property
    def has_ledger(self) -> bool:
        return self.settings.ledger.url is not None or self.home.ledger.exists()

    @property
    def ledger(self) -> Ledger:
        """Opens the ledger, and makes the home for it, when it is first asked for."""
        if self._ledger is None:
            from bridge.ledger import open_ledger

            if self.settings.ledger.url is None:
                self.home.create()
            self._ledger = open_ledger(self.ledger_url)
        return self._ledger

    def close(self) -> None:
        while self._opened:
            self._opened.pop().close()
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None

    def __enter__(self) -> App:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # --- accounts

    @cached_property
    def credentials(self) -> dict[str, Credential]:
        return load_credentials(self.home.credentials)

    def remember(self, credential: Credential) -> None:
        """Keeps an account's token for later runs."""
        self.home.create()
        save_credentials(self.home.credentials, {**self.credentials, credential.account: credential})
        self.__dict__.pop("credentials", None)

    def forget(self, account: str) -> None:
        save_credentials(self.home.credentials, {k: v for k, v in self.credentials.items() if k != account})
        self.__dict__.pop("credentials", None)

    def remember_x(self, token: XToken) -> None:
        """Keeps a token for reading by X's API."""
        self.home.create()
        tokens = load_x_tokens(self.home.credentials)
        save_x_tokens(self.home.credentials, {**tokens, token.id: token})

    def known_accounts(self) -> list[str]:
        """Every account that was logged in to or is named in the settings, once."""
        named = [destination.account for destination in self.settings.destinations.values()]
        return list(dict.fromkeys([*self.credentials, *named]))

    def resolve(self, to: str | None) -> str | None:
        """The account that `--to` means; without it, the only one there is, or None when there is none."""
        accounts = self.known_accounts()
        if to is None:
            if len(accounts) > 1:
                raise ConfigError(
                    f"There are {len(accounts)} accounts: {', '.join(accounts)}.",
                    hint="Say which one with --to.",
                )
            return accounts[0] if accounts else None
        if to in self.settings.destinations:
            return self.settings.destinations[to].account
        for credential in self.credentials.values():
            if to in (credential.name, credential.account, credential.account.removeprefix("@")):
                return credential.account
        if to in accounts or (to.startswith("@") and to.count("@") == 2):
            return to
        known = ", ".join(accounts) or "none yet; log in with `passerelle login SERVER`"
        raise ConfigError(f"There is no account {to}.", hint=f"Known accounts: {known}.")

    def account(self, to: str | None = None) -> Account:
        """The destination with its token, or `Unauthorized` with the way to get one."""
        resolved = self.resolve(to)
        if resolved is None:
            raise Unauthorized(
                "There is no account to publish to yet.", hint="Run `passerelle login SERVER`."
            )
        destination = next((n for n, d in self.settings.destinations.items() if d.account == resolved), None)
        credential = self._credential(resolved, destination)
        return Account(credential=credential, destination=destination, mirror=self.mirror(destination))

    def mirror(self, destination: str | None) -> str | None:
        """The mirror that feeds a destination, when there is exactly one."""
        names = [n for n, m in self.settings.mirrors.items() if m.destination == destination]
        return names[0] if len(names) == 1 else None

    def _credential(self, account: str, destination: str | None) -> Credential:
        from bridge.publishers.servers import base_url_of

        stored = self.credentials.get(account)
        table = self.settings.destinations.get(destination or "")
        if given := given_token():
            base = stored or Credential(account=account, server=base_url_of(account), token="")
            stored = replace(base, token=given[0], origin=given[1])
        if stored is None:
            host = account.rpartition("@")[2]
            raise Unauthorized(f"Nobody is logged in as {account}.", hint=f"Run `passerelle login {host}`.")
        return replace(stored, server=table.server.rstrip("/")) if table and table.server else stored

    def publisher(
        self, account: Account, limits: Limits, now: Callable[[], datetime] = utcnow
    ) -> MastodonPublisher:
        from bridge.config.proxies import proxy_for
        from bridge.publishers.mastodon import connect

        publisher = connect(
            account.credential.server,
            account.credential.token,
            timeout=self.settings.publish.timeout,
            limits=limits,
            account=account.id,
            now=now,
        )
        return publisher.via(proxy_for(account.credential.server))

    def detect(self, credential: Credential) -> Limits:
        """What the account's server can do, as it says itself. NetworkError: it cannot be reached."""
        from bridge.config.proxies import proxy_for
        from bridge.media.fetch import Fetcher
        from bridge.publishers import servers

        host = urlsplit(credential.server).hostname or ""
        with Fetcher(allow_hosts=[host], proxy_for=proxy_for) as fetcher:
            return servers.detect(credential.server, fetcher).limits

    def wish(self, mirror: str | None, limits: Limits) -> Wish:
        """What the settings want of a source, for the engine."""
        from bridge.config.handles import load_handles
        from bridge.config.values import options, rules
        from bridge.engine.propose import Wish
        from bridge.rendering.options import LinkMap

        render = self.loaded.render(mirror)
        named = self.handles_file(mirror)
        handles = load_handles(named) if render.handles or named.exists() else {}
        return Wish(
            rules=rules(self.loaded.select(mirror)),
            options=options(render, self.settings.alt, self.settings.mentions),
            limits=limits,
            handles=handles,
            links=self.ledger.links.map() if self.has_ledger else LinkMap(),
            pace=self.pace(mirror),
            approve=not self.settings.review.required,
            media=self.wanted,
            fate=self.prospects(limits),
        )

    def prospects(
        self, limits: Limits, fitted: Mapping[tuple[str | None, str | None], Fitted | Exception] | None = None
    ) -> Prospects:
        """What becomes of media at a server; `fitted`: what is known of files that were looked into."""
        from bridge.engine.originals import original
        from bridge.engine.prospects import Prospects

        return Prospects(limits, self.wanted, original, fitted=fitted, fetched=self.fetched)

    def asked(self) -> Rules:
        """Which posts the command line alone names; the settings say what is to be published, no more."""
        from bridge.config.values import asked

        return asked(self.loaded.layers[-1].values.get("select", {}))

    def pace(self, mirror: str | None) -> Pace:
        from bridge.config.values import pace

        return pace(self.loaded.pace(mirror), self.loaded.render(mirror))

    # --- media

    @property
    def fetched(self) -> Path:
        """The folder of what came from the old network; counts as one more archive of each account."""
        return self.home.cache / "fetched"

    @property
    def cache(self) -> Cache:
        """Of media that were made to fit."""
        from bridge.media.cache import Cache

        return Cache(self.home.cache / "media", limit=self.settings.media.cache_mb * 1_000_000)

    @property
    def wanted(self) -> Wanted:
        from bridge.config.values import wanted
        from bridge.media.films import can_work

        return wanted(self.settings.media, films=can_work())

    def files(self, limits: Limits) -> FittedFiles:
        """The media of the archives, made to fit a server; closed with the app."""
        from bridge.engine.files import FittedFiles
        from bridge.media.fit import Fitter

        self.home.create()
        files = FittedFiles(Fitter(limits=limits, wanted=self.wanted, cache=self.cache))
        self._opened.append(files)
        return files

    def give_back(self, opened: FittedFiles | Fetcher) -> None:
        """Close what is not needed any more, while the app lives on."""
        self._opened.remove(opened)
        opened.close()

    # --- sources

    def paths(self, named: Sequence[str]) -> list[Path]:
        """The files that SOURCE arguments mean: names of the settings, or paths."""
        return [path for name in named for path in self._paths(name)]

    def _paths(self, name: str) -> list[Path]:
        if name in self.settings.sources:
            from bridge.sources.files import archives_in

            paths = map(self.loaded.path, self.settings.sources[name].paths)
            return [each for path in paths for each in archives_in(path)]
        path = Path(name).expanduser()
        if not path.exists():
            raise ConfigError(f"There is no file or folder {name}.", hint="Check the path of the archive.")
        return [path]

    def _urls(self, name: str) -> tuple[str, ...]:
        table = self.settings.sources.get(name)
        return table.urls if table else (name,) if "://" in name else ()

    def source(self, named: Sequence[str], ledger: Ledger) -> Source:
        """What SOURCE arguments mean, as the account under which the ledger knows its owner."""
        from bridge.engine.identity import known_as
        from bridge.sources.feed import open_feed
        from bridge.sources.files import open_files

        if self.is_billed(named):
            if len(named) > 1:
                raise ConfigError("X's API is read by itself.", hint="Import one after the other.")
            return self.x_reading(ledger).timeline(*self.named_accounts(named))
        urls = [url for name in named for url in self._urls(name)]
        if urls and len(urls) < sum(len(self._urls(name)) or 1 for name in named):
            raise ConfigError(
                "Files and feeds are read one after the other.", hint="Import the files first, then the feed."
            )
        whose = self.named_accounts(named)
        if urls:
            account = whose[0].handle if whose else None
            feed = open_feed(urls, self.fetcher(urls), now=utcnow, account=account)
            return feed.under(*known_as(feed.owner, ledger.posts.sources()))
        files = open_files(self.paths(named), whose=whose)
        return files.under(*known_as(files.owner, ledger.posts.sources()))

    def is_billed(self, named: Sequence[str]) -> bool:
        """Whether reading these costs money, so that what was read is kept, whatever it was read for."""
        tables = [self.settings.sources.get(name) for name in named]
        return any(table is not None and table.type == "x-api" for table in tables)

    def x_reading(self, ledger: Ledger) -> XReading:
        """How X's API is read, with what is spent noted in that ledger."""
        from bridge.config.x_reading import XReading

        table = self.settings.x_api
        web, credentials = self.fetcher([table.server]), self.home.credentials
        return XReading(table=table, credentials=credentials, ledger=ledger, web=web, now=utcnow)

    def fetcher(self, named: Sequence[str] = ()) -> Fetcher:
        """For addresses that nobody here chose; those that are `named` may be private.

        All sources of the settings share one: a thousand feeds do not each need what encryption needs.
        """
        from bridge.config.proxies import proxy_for
        from bridge.media.fetch import Fetcher

        listed = [url for table in self.settings.sources.values() for url in table.urls]
        shared = bool(named) and set(named) <= set(listed)
        if shared and self._named is not None:
            return self._named
        named = listed if shared else named
        places = (urlsplit(url) for url in named)
        vouched = [f"{p.hostname}:{p.port or (443 if p.scheme == 'https' else 80)}" for p in places]
        fetcher = Fetcher(allow_hosts=vouched, proxy_for=proxy_for, heard=self.heard)
        self._opened.append(fetcher)
        if shared:
            self._named = fetcher
        return fetcher

    def named_accounts(self, named: Sequence[str]) -> list[Author]:
        """Whose files they are, as the settings say."""
        from bridge.posts import Author

        tables = [self.settings.sources[name] for name in named if name in self.settings.sources]
        said = [table.account.removeprefix("@") for table in tables if table.account]
        return [Author(id=who) if who.isdigit() else Author(id=f"@{who.lower()}", handle=who) for who in said]


def open_app(
    home: Path | None = None, config: Path | None = None, options: Mapping[str, Any] | None = None
) -> App:
    """Reads the settings; opens nothing else."""
    return App(load(find_home(home, config), options))
