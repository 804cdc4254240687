"""What is done to which file at which server: decided by facts alone."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.fitting import (
    CannotFit,
    Facts,
    Original,
    Picture,
    Recipe,
    Remux,
    Strip,
    Transcode,
    Wanted,
    decide,
    may_exceed,
    recipe_digest,
    within,
)
from bridge.posts import Media, MediaType
from bridge.publishers.servers import profile
from bridge.statuses import Limits
from tests.changes import replace

MASTODON = profile("mastodon", "4.5.0")
PIXELFED = profile("pixelfed", "0.12")
TAKAHE = profile("takahe", "0.11")
GTS = profile("gotosocial", "0.19")
PHOTO = Facts(mime_type="image/jpeg", size=2_000_000, width=4000, height=3000)
FILM = Facts(
    mime_type="video/mp4", size=20_000_000, width=1280, height=720, frames=1800, duration=60.0, rate=30.0,
    video="h264", audio="aac",
)  # fmt: skip
READY = Wanted(films=True)


def photo(**changes: Any) -> Facts:
    return replace(PHOTO, **changes)


def film(**changes: Any) -> Facts:
    return replace(FILM, **changes)


@pytest.mark.parametrize(
    ("facts", "limits", "kind"),
    [
        (PHOTO, MASTODON, Original),
        (photo(located=True), MASTODON, Strip),
        (photo(located=True, mime_type="image/avif"), MASTODON, Picture),
        (photo(size=MASTODON.image_bytes - 1), MASTODON, Original),
        (photo(size=MASTODON.image_bytes), MASTODON, Picture),
        (photo(width=8000, height=5000), MASTODON, Picture),
        (photo(width=8000, height=5000), GTS, Original),
        (photo(width=10_000, height=10_000), GTS, CannotFit),
        (photo(mime_type="image/heic", width=0, height=0), MASTODON, Original),
        (photo(mime_type="image/heic", width=0, height=0), TAKAHE, CannotFit),
        (photo(mime_type="image/avif"), TAKAHE, Picture),
        (photo(mime_type="image/gif", animated=True, frames=9), MASTODON, Picture),
        (photo(mime_type="image/gif", width=1280, height=720, animated=True), MASTODON, Original),
        (FILM, MASTODON, Original),
        (film(located=True), MASTODON, Strip),
        (FILM, PIXELFED, Transcode),
        (FILM, TAKAHE, CannotFit),
        (film(mime_type="video/webm", video="vp9", audio="opus", size=9_000_000), PIXELFED, Transcode),
        (film(mime_type="video/x-matroska", size=9_000_000), PIXELFED, Remux),
        (film(rate=240.0, frames=14_400), MASTODON, Transcode),
        (film(width=3840, height=2161), MASTODON, Transcode),
        (film(duration=7200.0, frames=216_000, size=98_000_000), MASTODON, CannotFit),
        (film(duration=None, size=200_000_000), MASTODON, CannotFit),
        (film(duration=40_000.0, frames=1_200_000, size=900_000_000), PIXELFED, CannotFit),
    ],
)
def test_the_mildest_recipe_that_is_enough(facts: Facts, limits: Limits, kind: type[Recipe]) -> None:
    assert isinstance(decide(facts, limits, READY), kind)


@pytest.mark.parametrize(
    ("facts", "formats"),
    [
        (photo(), ("JPEG",)),
        (photo(mime_type="image/png"), ("PNG", "JPEG")),
        (photo(mime_type="image/png", alpha=True), ("PNG", "WEBP")),
        (photo(mime_type="image/gif"), ("PNG", "JPEG")),
        (photo(mime_type="image/gif", animated=True), ("GIF",)),
        (photo(mime_type="image/webp", animated=True), ("WEBP",)),
        (photo(mime_type="image/avif"), ("AVIF", "JPEG")),
    ],
)
def test_a_format_changes_only_when_it_must(facts: Facts, formats: tuple[str, ...]) -> None:
    recipe = decide(replace(facts, size=99_000_000), MASTODON, READY)
    assert isinstance(recipe, Picture)
    assert recipe.formats == formats


def test_an_animation_keeps_moving_in_another_format() -> None:
    facts = photo(mime_type="image/webp", animated=True)
    recipe = decide(facts, replace(MASTODON, mime_types=("image/gif", "image/jpeg")), READY)
    assert recipe == Picture(
        formats=("GIF",), pixels=MASTODON.gif_pixels, bytes=MASTODON.image_bytes, animated=True
    )
    assert isinstance(decide(facts, replace(MASTODON, mime_types=("image/jpeg",)), READY), CannotFit)


def test_metadata_stays_when_it_is_wanted() -> None:
    assert decide(photo(located=True), MASTODON, Wanted(strip_metadata=False)) == Original()


def test_without_the_extra_a_film_says_what_is_missing() -> None:
    found = decide(FILM, PIXELFED, Wanted(films=False))
    assert isinstance(found, CannotFit)
    assert "passerelle[video]" in found.reason
    assert decide(FILM, MASTODON, Wanted(films=False)) == Original()


def test_a_film_too_long_is_never_cut() -> None:
    found = decide(FILM, replace(MASTODON, video_seconds=30), READY)
    assert isinstance(found, CannotFit)
    assert "30 seconds" in found.reason


def test_the_sound_is_copied_where_there_is_room() -> None:
    roomy = decide(film(size=16_000_000, duration=30.0, frames=900), PIXELFED, READY)
    assert isinstance(roomy, Transcode)
    assert roomy.sound == "copy"
    narrow = decide(film(duration=600.0, frames=18_000), PIXELFED, READY)
    assert isinstance(narrow, Transcode)
    assert (narrow.sound, narrow.sound_bitrate) == ("encode", 32_000)
    silent = decide(film(audio=None), PIXELFED, READY)
    assert isinstance(silent, Transcode)
    assert (silent.sound, silent.sound_bitrate) == ("none", 0)


@given(
    width=st.integers(16, 8000), height=st.integers(16, 8000), seconds=st.floats(0.5, 20_000),
    rate=st.floats(1, 240), size=st.integers(1000, 2_000_000_000),
    limits=st.sampled_from([MASTODON, PIXELFED, GTS, Limits()]),
)  # fmt: skip
def test_a_film_that_is_made_keeps_every_limit(
    width: int, height: int, seconds: float, rate: float, size: int, limits: Limits
) -> None:
    facts = film(
        width=width, height=height, duration=seconds, rate=rate, frames=int(seconds * rate), size=size
    )
    made = decide(facts, limits, READY)
    if not isinstance(made, Transcode):
        return
    assert made.width % 2 == made.height % 2 == 0
    assert made.width * made.height <= max(4 * 16, limits.video_pixels or width * height)
    assert (made.bitrate + made.sound_bitrate) * seconds / 8 < limits.video_bytes
    assert made.rate is None or made.rate <= (limits.video_rate or 240)
    if limits.video_frames:
        assert (made.rate or rate) * seconds <= limits.video_frames * 1.001


@given(st.integers(1, 20_000), st.integers(1, 20_000), st.integers(1, 40_000_000))
def test_a_size_within_keeps_the_shape(width: int, height: int, pixels: int) -> None:
    found = within(width, height, pixels)
    assert found[0] * found[1] <= max(pixels, width, height)
    if width * height <= pixels:
        assert found == (width, height)
    elif min(found) > 20:
        assert found[0] / found[1] == pytest.approx(width / height, rel=0.06)


def medium(
    size: int | None, kind: MediaType = MediaType.IMAGE, file: str = "m/1-a.jpg", **more: Any
) -> Media:
    return Media(type=kind, file=file, size=size, **more)


@pytest.mark.parametrize(
    ("given", "looks"),
    [
        (medium(1000), False),
        (medium(15_000_000), False),
        (medium(MASTODON.image_bytes), True),
        (medium(0), True),
        (medium(None), False),
        (medium(1000, file="m/1-a.gif"), True),
        (medium(5_000_000, width=9000, height=9000), True),
        (medium(5_000_000, MediaType.VIDEO, "m/1-a.mp4"), False),
        (medium(200_000_000, MediaType.VIDEO, "m/1-a.mp4"), True),
    ],
)
def test_few_files_have_to_be_looked_into(given: Media, looks: bool) -> None:
    assert may_exceed(given, MASTODON) is looks


def test_recipes_have_names_of_their_own() -> None:
    recipes = [Original(), Strip(), Remux(bytes=1), Remux(bytes=2), CannotFit(reason="")]
    assert len({recipe_digest(each) for each in recipes}) == 5
    assert recipe_digest(Remux(bytes=1)) == recipe_digest(Remux(bytes=1))
