"""Settings: their layers, their mistakes, and the files they lie in."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel

from bridge.config import Home, find_home
from bridge.config.credentials import Credential, given_token, load_credentials, save_credentials
from bridge.config.handles import Person, add_handles, load_handles
from bridge.config.loading import Loaded, load
from bridge.config.settings import Settings
from bridge.config.values import options, pace, rules
from bridge.errors import ConfigError
from bridge.posts import Audience, Kind
from tests.cli.conftest import ROOT, Cli

EXAMPLE = ROOT / "config.example.toml"


def loaded(folder: Path, text: str = "", given: dict[str, Any] | None = None) -> Loaded:
    file = folder / "config.toml"
    file.write_text(text, encoding="utf-8")
    return load(Home(path=folder, config=file), given)


def test_nothing_is_needed(tmp_path: Path) -> None:
    found = load(Home(path=tmp_path, config=tmp_path / "config.toml"))
    assert found.render().visibility == "unlisted"
    assert rules(found.select()).kinds == {Kind.ORIGINAL, Kind.THREAD, Kind.QUOTE}


def test_option_beats_environment_beats_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = '[render]\nvisibility = "public"\nlocale = "fr"\n[select]\nlimit = 1\n[publish]\ngrace = 9'
    monkeypatch.setenv("PASSERELLE_RENDER__LOCALE", "de")
    monkeypatch.setenv("PASSERELLE_SELECT__LIMIT", "2")
    monkeypatch.setenv("PASSERELLE_PUBLISH__GRACE", "1")
    found = loaded(tmp_path, text, {"select": {"limit": 3}})
    assert (found.render().visibility, found.render().locale, found.select().limit) == ("public", "de", 3)
    assert found.settings.publish.grace == 1
    assert found.origin("select.limit") == "--limit"
    assert found.origin("render.locale") == "PASSERELLE_RENDER__LOCALE"
    assert found.origin("render.visibility").endswith("config.toml: render.visibility")
    assert found.origin("render.numbering") == "default"


MIRROR = """
[sources.a]
paths = ["a.zip"]
[destinations.d]
account = "@me@example.social"
[render]
visibility = "public"
numbering = "none"
[mirrors.m]
sources = ["a"]
destination = "d"
render = { visibility = "private" }
"""


def test_a_mirror_refines_the_common_tables(tmp_path: Path) -> None:
    found = loaded(tmp_path, MIRROR)
    assert (found.render("m").visibility, found.render("m").numbering) == ("private", "none")
    assert found.render().visibility == "public"


def test_the_environment_and_options_beat_a_mirror_of_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERELLE_RENDER__VISIBILITY", "unlisted")
    assert loaded(tmp_path, MIRROR).render("m").visibility == "unlisted"
    assert loaded(tmp_path, MIRROR, {"render": {"visibility": "public"}}).render("m").visibility == "public"


def test_every_mistake_is_listed_at_once_with_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PASSERELLE_PUBLISH__GRACE", "soon")
    text = (
        'frob = 1\n[render]\nvisibility = "secret"\nnope = 1\ntimezone = "Mars"\n'
        '[pace]\nhours = "late"\n[select]\ngrep = "("\n'
    )
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, text, {"select": {"since": "yesterday"}})
    said = caught.value.message
    for place in (
        "PASSERELLE_PUBLISH__GRACE", "config.toml: frob: there is no such setting",
        "config.toml: render.nope: there is no such setting", "config.toml: render.visibility",
        "config.toml: render.timezone", "config.toml: pace.hours", "config.toml: select.grep", "--since",
    ):  # fmt: skip
        assert place in said
    assert caught.value.exit_code == 2


def test_a_mirror_names_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        loaded(tmp_path, '[mirrors.m]\nsources = ["x"]\ndestination = "y"')
    assert "no [sources.x]" in caught.value.message
    assert "no [destinations.y]" in caught.value.message


def test_broken_toml_has_its_line(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="line 2"):
        loaded(tmp_path, "[render]\nvisibility = \n")


def test_lists_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_SELECT__KINDS", "original, reply")
    monkeypatch.setenv("PASSERELLE_SELECT__HASHTAGS", '["a", "b"]')
    found = rules(loaded(tmp_path).select())
    assert found.kinds == {Kind.ORIGINAL, Kind.REPLY}
    assert found.hashtags == {"a", "b"}


def test_values_for_the_core(tmp_path: Path) -> None:
    text = """
[select]
since = 2012-01-31
until = 2013-01-01T10:00:00+02:00
include = ["circle"]
[render]
timezone = "Europe/Paris"
content_warnings = { spider = "spiders" }
[pace]
hours = "9-18"
max_duration = "1h 30m"
"""
    found = loaded(tmp_path, text)
    wanted = rules(found.select())
    assert wanted.since == datetime(2012, 1, 31, tzinfo=UTC)
    assert wanted.until == datetime(2013, 1, 1, 8, tzinfo=UTC)
    assert Audience.CIRCLE in wanted.audiences
    assert Audience.DELETED not in wanted.audiences
    assert options(found.render(), found.settings.alt).content_warnings == (("spider", "spiders"),)
    paced = pace(found.pace(), found.render())
    assert (paced.hours, paced.max_seconds, str(paced.tz)) == ((9, 18), 5400, "Europe/Paris")


# --- the example


@pytest.mark.parametrize(("said", "ends"), [("2013-01-01", (2013, 1, 2)), ("2013-01-01T00:00", (2013, 1, 1))])
def test_until_means_the_whole_day(tmp_path: Path, said: str, ends: tuple[int, int, int]) -> None:
    loaded = load(find_home(tmp_path, None), {"select": {"until": said}})
    assert rules(loaded.select(None)).until == datetime(*ends, tzinfo=UTC)


def test_the_example_loads_and_is_all_defaults_but_for_its_names(tmp_path: Path) -> None:
    found = loaded(tmp_path, EXAMPLE.read_text("utf-8"))
    assert found.select() == Settings().select
    assert found.render() == Settings().render
    assert found.pace() == Settings().pace
    assert found.settings.publish == Settings().publish
    assert found.settings.ledger == Settings().ledger


def test_the_example_shows_every_setting() -> None:
    text = EXAMPLE.read_text("utf-8")
    uncommented = "\n".join(
        line.removeprefix("# ") if _is_setting(line) else line for line in text.splitlines()
    )
    shown = set(_paths(tomllib.loads(uncommented)))
    assert set(_fields(Settings)) <= {_generic(path) for path in shown}


def _is_setting(line: str) -> bool:
    name, equals, value = line.removeprefix("# ").partition(" = ")
    return line.startswith("# ") and bool(equals) and " " not in name and bool(value)


def _paths(tree: dict[str, Any], path: str = "") -> Iterator[str]:
    for key, value in tree.items():
        yield path + key
        if isinstance(value, dict):
            yield from _paths(value, f"{path}{key}.")


def _generic(path: str) -> str:
    """`sources.archive.paths` is any `sources.*.paths`."""
    keys = path.split(".")
    if keys[0] in ("sources", "destinations", "mirrors") and len(keys) > 1:
        keys[1] = "*"
    return ".".join(keys)


def _fields(model: type[BaseModel], path: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        named = [a for a in get_args(inner) if isinstance(a, type) and issubclass(a, BaseModel)]
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            if path == "mirrors.*.":  # the common tables again
                yield path + name
            else:
                yield from _fields(inner, f"{path}{name}.")
        elif named:
            yield from _fields(named[0], f"{path}{name}.*.")
        else:
            yield path + name


# --- home, tokens, handles


def test_home_by_option_then_environment(tmp_path: Path) -> None:
    environ = {"PASSERELLE_HOME": str(tmp_path / "b")}
    assert find_home(tmp_path / "a", environ=environ).path == tmp_path / "a"
    assert find_home(environ=environ).path == tmp_path / "b"
    assert find_home(environ={}).path.name == "passerelle"


def test_a_named_settings_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no file"):
        find_home(tmp_path, tmp_path / "absent.toml")


def credential(**changes: str) -> Credential:
    given = {"account": "@me@example.social", "server": "https://example.social", "token": "s3cret"}
    return Credential(**{**given, **changes})


def test_credentials_come_back_and_are_private(tmp_path: Path) -> None:
    file = tmp_path / "credentials.toml"
    save_credentials(file, {"@me@example.social": credential(name='qu"ote\\', client_secret="é")})
    assert file.stat().st_mode & 0o777 == 0o600
    assert load_credentials(file) == {"@me@example.social": credential(name='qu"ote\\', client_secret="é")}
    assert [path.name for path in tmp_path.iterdir()] == ["credentials.toml"]


def test_credentials_that_others_can_read_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "credentials.toml"
    save_credentials(file, {"@me@example.social": credential()})
    file.chmod(0o640)
    with pytest.raises(ConfigError, match="other users") as caught:
        load_credentials(file)
    assert "chmod 600" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "text", ["accounts = 3", "[accounts]\na = 1", "token = s3cret", "[accounts.a]\nx = 1"]
)
def test_a_damaged_credentials_file_is_no_crash_and_shows_nothing(tmp_path: Path, text: str) -> None:
    file = tmp_path / "credentials.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    with pytest.raises(ConfigError) as caught:
        load_credentials(file)
    assert "s3cret" not in str(caught.value)


def test_a_credential_never_shows_its_token() -> None:
    assert "s3cret" not in repr(credential(client_secret="s3cret"))


def test_tokens_from_the_surroundings(tmp_path: Path) -> None:
    file = tmp_path / "passerelle-token"
    file.write_text("from-file\n", encoding="utf-8")
    assert given_token({"PASSERELLE_TOKEN": " direct "}) == ("direct", "PASSERELLE_TOKEN")
    assert given_token({"PASSERELLE_TOKEN_FILE": str(file)}) == ("from-file", "PASSERELLE_TOKEN_FILE")
    assert given_token({"CREDENTIALS_DIRECTORY": str(tmp_path)}) == ("from-file", "CREDENTIALS_DIRECTORY")
    assert given_token({}) is None
    with pytest.raises(ConfigError, match="cannot be read"):
        given_token({"PASSERELLE_TOKEN_FILE": str(tmp_path / "absent")})


def test_handles(tmp_path: Path) -> None:
    file = tmp_path / "handles.csv"
    file.write_text(
        "twitter_id,twitter,fediverse,source\n12,@Jane,jane@example.social,bio\n,Bob,,\n",
        encoding="utf-8-sig",
    )
    assert load_handles(file) == {"12": "@jane@example.social", "@jane": "@jane@example.social"}
    file.write_text("twitter,fediverse\njane,nowhere\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="line 2"):
        load_handles(file)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["twitter,fediverse", "", ",a@b.example"], "line 3: it does not say who a@b.example is"),
        (["twitter,fediverse", "ja ne,a@b.example"], "line 2: 'ja ne' is not a name"),
        (["twitter_id,fediverse", "12x,a@b.example"], "line 2: '12x' is not the number"),
        (["twitter,fediverse", "jane,a@b.example,more"], "line 2: it has more cells"),
        (["twitter;fediverse", "jane;a@b.example"], "line 1: the columns are called"),
        (["twitter,mastodon", "jane,a@b.example"], "line 1: the columns are called"),
    ],
)
def test_a_line_of_handles_that_makes_no_sense_is_told(tmp_path: Path, lines: list[str], said: str) -> None:
    file = tmp_path / "handles.csv"
    file.write_text("\n".join([*lines, ""]), encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(said)):
        load_handles(file)


def test_all_such_lines_are_told_at_once_but_not_without_end(tmp_path: Path) -> None:
    file = tmp_path / "handles.csv"
    file.write_text("twitter,fediverse\n" + "jane,nowhere\n" * 30, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"line 2: .*line 11: .*and 20 more"):
        load_handles(file)


def test_what_no_server_has_confirmed_is_not_used_and_what_a_person_wrote_stays(tmp_path: Path) -> None:
    file = tmp_path / "handles.csv"
    file.write_text(
        "twitter_id,twitter,fediverse,note,source,confirmed\n1,ann,ann@own.example,mine,,\n"
        "2,bob,bob@b.example,,bio,\n,cy,,,,\n",
        encoding="utf-8",
    )
    assert load_handles(file) == {"1": "@ann@own.example", "@ann": "@ann@own.example"}
    found = [
        Person(fediverse=f"@{name}@new.example", twitter=name, source="bio", confirmed="2026-11-26")
        for name in ("ann", "bob", "cy", "dan")
    ]
    assert (add_handles(file, found), add_handles(file, found)) == (3, 0)
    assert load_handles(file) == {
        "1": "@ann@own.example", "@ann": "@ann@own.example",
        "2": "@bob@new.example", "@bob": "@bob@new.example",
        "@cy": "@cy@new.example", "@dan": "@dan@new.example",
    }  # fmt: skip
    assert "mine" in file.read_text("utf-8")
    file.write_text("twitter,fediverse,source\neve,eve@e.example,a friend\n", encoding="utf-8")
    add_handles(file, found[:1])
    assert set(load_handles(file)) == {"@eve", "@ann"}


# --- the commands


def test_config_check_and_show(cli: Cli, home: Path) -> None:
    assert cli("config", "check").code == 0
    home.mkdir()
    (home / "config.toml").write_text('[render]\nvisibility = "x"\nfrob = 1\n', encoding="utf-8")
    found = cli("config", "check", "--json")
    assert found.code == 2
    assert found.document["error"]["code"] == "CONFIG"
    assert "frob" in found.document["error"]["message"]


def test_config_show_hides_a_password(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PASSERELLE_LEDGER__URL", "postgresql://me:hunter2@localhost/x")
    found = cli("config", "show", "--origin", "--json")
    assert "hunter2" not in found.out
    assert found.data["origin"]["ledger.url"] == "PASSERELLE_LEDGER__URL"


def test_init_writes_what_the_next_command_accepts(cli: Cli, home: Path) -> None:
    found = cli(
        "init", "--source", "a.zip", "--account", "me@example.social", "--visibility", "public", "--yes"
    )
    assert found.code == 0
    again = cli("config", "show", "--json")
    assert again.data["settings"]["destinations"]["home"]["account"] == "@me@example.social"
    assert cli("init", "--yes").code == 0  # keeps the answers
    assert cli("config", "show", "--json").data["settings"] == again.data["settings"]
    assert (home / "config.toml.old").exists()


def test_init_off_a_terminal_names_the_option(cli: Cli, home: Path) -> None:
    found = cli("init")
    assert found.code == 2
    assert "--source" in found.err
    assert not home.exists()


def test_init_refuses_what_would_not_load(cli: Cli, home: Path) -> None:
    found = cli("init", "--source", "a.zip", "--account", "nobody", "--yes")
    assert found.code == 2
    assert "account" in found.err
    assert not (home / "config.toml").exists()
