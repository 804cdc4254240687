"""Every language says everything, and with the same places to fill in."""

from __future__ import annotations

import re

import pytest

from bridge.engine.hints import HINTS
from bridge.preview.languages import LANGUAGES, closest, words
from bridge.selection import OPTIONS


def _bare(key: str) -> str:
    return re.sub(r"\.(zero|one|two|few|many|other)$", "", key)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_a_language_has_every_sentence_with_its_gaps(tag: str) -> None:
    english, other = words("en").table, words(tag).table
    assert {_bare(key) for key in english} <= {_bare(key) for key in other}
    for key, sentence in other.items():
        if key in english:
            assert set(re.findall(r"{\w+}", sentence)) == set(re.findall(r"{\w+}", english[key])), key


def test_french_explains_every_warning() -> None:
    table = words("fr").table
    assert {f"hint.{code}" for code in HINTS} <= set(table)


@pytest.mark.parametrize("tag", LANGUAGES)
def test_every_reason_has_a_name(tag: str) -> None:
    assert {f"reason.{reason}" for reason in OPTIONS} <= set(words(tag).table)


def test_numbers_dates_and_plurals_are_the_languages_own() -> None:
    french, english = words("fr"), words("en")
    assert english.count("posts", 1) == "1 post"
    assert english.count("posts", 12_345) == "12,345 posts"
    assert french.count("posts", 0) == "0 message"
    assert (french.count("posts", 199), french.count("statuses", 204)) == ("199 messages", "204 statuts")
    assert french("page.colon") == "\u00a0: "
    assert french.duration(90_061) == "1 jour 1 h"
    assert (french.size(2_500_000), english.size(2_500_000)) == ("2,5 Mo", "2.5 MB")


def test_the_nearest_language_is_taken() -> None:
    assert [closest(tag) for tag in ("fr-CA", "fr_BE", "de", None, "en-GB")] == ["fr", "fr", "en", "en", "en"]
