"""The one folder that holds everything: where each file of an installation lies."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bridge.errors import ConfigError


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    path: Path
    config: Path  #: config.toml, or the file that `--config` names

    @property
    def credentials(self) -> Path:
        return self.path / "credentials.toml"

    @property
    def ledger(self) -> Path:
        return self.path / "ledger.db"

    @property
    def cache(self) -> Path:
        return self.path / "cache"

    @property
    def reports(self) -> Path:
        return self.path / "reports"

    def create(self) -> None:
        """Makes the folder, readable by its owner alone; so becomes one that is there."""
        try:
            self.path.mkdir(parents=True, mode=0o700)
        except FileExistsError:
            if not self.path.is_dir():
                raise ConfigError(f"{self.path} is not a folder.", hint="Name another with --home.") from None
            if self.path.stat().st_mode & 0o077 and self.path.stat().st_uid == os.getuid():
                self.path.chmod(0o700)
        except OSError as error:
            raise ConfigError(
                f"The folder {self.path} cannot be made: {error.strerror}.",
                hint="Name another with --home DIR or PASSERELLE_HOME.",
            ) from error


def find_home(
    home: Path | None = None, config: Path | None = None, *, environ: Mapping[str, str] | None = None
) -> Home:
    """`--home` before `PASSERELLE_HOME` before the platform's user data folder; nothing is created."""
    environ = os.environ if environ is None else environ
    if home is None:
        named = environ.get("PASSERELLE_HOME")
        home = Path(named) if named else _default()
    home = home.expanduser().absolute()
    named = environ.get("PASSERELLE_CONFIG")
    if config is None and named:
        config = Path(named)
    if config is not None and not config.is_file():
        raise ConfigError(f"There is no file {config}.", hint="Name the settings file with --config FILE.")
    return Home(path=home, config=config or home / "config.toml")


def _default() -> Path:
    import platformdirs

    return Path(platformdirs.user_data_dir("passerelle", appauthor=False))
