"""Pictures of every kind: looked at, made to fit, and what becomes of their colours, frames and places."""

from __future__ import annotations

import io
import random
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageChops, ImageOps, ImageStat

from bridge.errors import MediaError
from bridge.fitting import Facts, Picture, Strip, Wanted, decide
from bridge.media import metadata
from bridge.media.pictures import fit_picture
from bridge.media.probe import check, probe
from bridge.publishers.servers import profile
from tests.changes import replace
from tests.media.generate import PICTURES, bomb, deep, drawn, exif, jpeg, moving, png, saved, srgb

MASTODON = profile("mastodon", "4.5.0")


def look(content: bytes, name: str = "1-a.jpg") -> Facts:
    return probe(io.BytesIO(content), name=name, size=len(content))


def fitted(content: bytes, **limits: int) -> tuple[str, Image.Image, bytes]:
    facts = look(content)
    recipe = decide(facts, replace(MASTODON, **limits), Wanted())
    assert isinstance(recipe, Picture)
    name, made = fit_picture(io.BytesIO(content), facts, recipe, name="1-a.jpg")
    return name, Image.open(io.BytesIO(made)), made


def difference(one: Image.Image, other: Image.Image) -> float:
    """Mean, of 255, at the smaller one's size."""
    shrunk = one.convert("RGB").resize(other.size, Image.Resampling.LANCZOS)
    return max(ImageStat.Stat(ImageChops.difference(shrunk, other.convert("RGB"))).mean)


@pytest.mark.parametrize("name", PICTURES)
def test_every_kind_is_known_and_whole(name: str) -> None:
    content = PICTURES[name]()
    facts = look(content, name)
    with Image.open(io.BytesIO(content)) as image:
        upright = ImageOps.exif_transpose(image).size
    assert (facts.width, facts.height) == upright
    assert facts.animated is name.startswith("moving")
    assert facts.located is name.startswith("located")
    assert facts.mime_type.rpartition("/")[2].replace("jpeg", "jpg") == name.rpartition(".")[2]
    check(io.BytesIO(content), facts, name=name)


@pytest.mark.parametrize("name", [name for name in PICTURES if not name.startswith(("one-pixel", "tall"))])
def test_every_kind_shrinks_to_the_pixel_limit(name: str) -> None:
    content = PICTURES[name]()
    before = Image.open(io.BytesIO(content))
    _, image, _ = fitted(content, image_pixels=1200, gif_pixels=1200)
    upright = ImageOps.exif_transpose(before)
    assert 1000 <= image.width * image.height <= 1200
    assert (image.width > image.height) is (upright.width > upright.height)
    assert image.getexif().get(0x0112, 1) == 1
    assert getattr(image, "n_frames", 1) == getattr(before, "n_frames", 1)
    if name != "deep.png":
        assert difference(upright, image) < 12


@pytest.mark.parametrize(
    ("content", "room", "kind"),
    [
        (jpeg(600, 400, noise=0.3, quality=98), 60_000, "JPEG"),
        (png(600, 400, noise=0.3), 60_000, "JPEG"),
        (png(600, 400, compress_level=0), 60_000, "PNG"),
        (png(600, 400, noise=0.3, mode="RGBA"), 60_000, "WEBP"),
        (saved(drawn(600, 400, noise=0.3), "WEBP", lossless=True), 60_000, "WEBP"),
        (saved(drawn(600, 400, noise=0.3), "AVIF", quality=95, speed=10), 40_000, "AVIF"),
        (saved(drawn(900, 600, noise=0.5, mode="P"), "GIF"), 60_000, "JPEG"),
    ],
)
def test_every_kind_gets_below_the_byte_limit(content: bytes, room: int, kind: str) -> None:
    name, image, made = fitted(content, image_bytes=room)
    assert (name, len(made) < room) == (kind, True)
    assert difference(Image.open(io.BytesIO(content)), image) < 30


def test_quality_goes_before_size() -> None:
    content = jpeg(900, 600, noise=0.3, quality=97)
    _, image, made = fitted(content, image_bytes=int(len(content) * 0.6))
    assert image.size == (900, 600)
    assert len(made) > len(content) * 0.3


def test_the_colour_profile_stays() -> None:
    content = jpeg(400, 300, icc_profile=srgb(), exif=exif(turn=6, located=True))
    _, image, _ = fitted(content, image_pixels=10_000)
    assert image.info["icc_profile"] == srgb()
    assert not image.getexif()


def test_print_colours_become_those_of_screens() -> None:
    name, image, _ = fitted(PICTURES["print.jpg"](), image_pixels=1200)
    assert (name, image.mode) == ("JPEG", "RGB")


def test_deep_grey_keeps_its_range() -> None:
    name, image, _ = fitted(deep(400, 300), image_pixels=10_000)
    low, high = image.convert("L").getextrema()
    assert (name, low < 4, high > 250) == ("PNG", True, True)  # type: ignore[operator]


def test_an_animation_keeps_frames_and_times() -> None:
    for name in ("GIF", "WEBP", "PNG"):
        content = moving(name, 200, 150, frames=5)
        kind, image, _ = fitted(content, image_pixels=4000, gif_pixels=4000)
        times = []
        for at in range(image.n_frames):  # type: ignore[attr-defined]
            image.seek(at)
            image.load()
            times.append(round(image.info["duration"]))
        assert (kind, times) == (name, [100, 110, 120, 130, 140])


def test_an_animation_that_cannot_be_kept_is_never_flattened() -> None:
    with pytest.raises(MediaError, match="however small"):
        fitted(moving("GIF", 200, 150, frames=30, noise=0.5), image_bytes=2_000)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"a text, called .jpg", "neither a picture nor a film"),
        (bomb(), "megapixels"),
        (b"\xff\xd8\xff\xe0" + b"\0" * 200, "damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 60, "damaged"),
        (b"RIFF\x10\0\0\0WEBPVP8 \0\0\0\0", "damaged"),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "damaged"),
    ],
)
def test_what_is_of_no_use_is_said_in_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(MediaError, match=sentence) as caught:
        look(content)
    assert str(caught.value).startswith("1-a.jpg ")
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["plain.jpg", "moving.png", "plain.webp", "clear.png"])
def test_a_picture_cut_short_is_found_out(name: str) -> None:
    content = PICTURES[name]()[:-40]
    with pytest.raises(MediaError, match="damaged"):
        check(io.BytesIO(content), look(content), name=name)


@pytest.mark.parametrize("name", PICTURES)
@settings(max_examples=20)
@given(st.randoms(use_true_random=False))
def test_any_damage_is_a_sentence_or_nothing(name: str, chance: random.Random) -> None:
    content = bytearray(PICTURES[name]())
    for _ in range(chance.randint(1, 6)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    with suppress(MediaError):
        facts = look(bytes(content))
        check(io.BytesIO(bytes(content)), facts, name="1-a.jpg")
        recipe = Picture(formats=("PNG",), pixels=500, bytes=50_000)
        if facts.mime_type != "image/heic" and not facts.is_film:
            fit_picture(io.BytesIO(bytes(content)), facts, recipe, name="1-a.jpg")


# --- places


@pytest.mark.parametrize("name", ["located.jpg", "located.png", "located.webp"])
def test_a_place_goes_and_the_picture_stays_bit_by_bit(name: str) -> None:
    content = PICTURES[name]()
    facts = look(content)
    assert isinstance(decide(facts, MASTODON, Wanted()), Strip)
    out = io.BytesIO()
    metadata.strip(facts.mime_type, io.BytesIO(content), out, name=name)
    after = look(out.getvalue())
    assert (after.located, after.turned, after.width, after.height) == (
        False, facts.turned, facts.width, facts.height,
    )  # fmt: skip
    with Image.open(io.BytesIO(content)) as before, Image.open(io.BytesIO(out.getvalue())) as bare:
        assert ImageChops.difference(before.convert("RGB"), bare.convert("RGB")).getbbox() is None
        assert before.info.get("icc_profile") == bare.info.get("icc_profile")
        assert dict(bare.getexif()) in ({}, {0x0112: before.getexif().get(0x0112)})


def test_a_place_in_xmp_and_in_texts_is_found() -> None:
    packet = b'<x:xmpmeta exif:GPSLatitude="48,51.5N"/>'
    assert look(saved(drawn(64, 48), "JPEG", xmp=packet)).located
    assert look(saved(drawn(64, 48), "WEBP", xmp=packet)).located
    from PIL.PngImagePlugin import PngInfo

    said = PngInfo()
    said.add_itxt("XML:com.adobe.xmp", packet.decode(), zip=True)
    content = png(pnginfo=said)
    assert look(content).located
    out = io.BytesIO()
    metadata.strip("image/png", io.BytesIO(content), out, name="a.png")
    assert not look(out.getvalue()).located


def test_a_second_view_behind_the_first_goes_too() -> None:
    out = io.BytesIO()
    views = [drawn(64, 48), drawn(64, 48, noise=0.2)]
    views[0].save(out, "MPO", save_all=True, append_images=views[1:], exif=exif(located=True))
    facts = look(out.getvalue())
    assert (facts.mime_type, facts.animated, facts.located) == ("image/jpeg", False, True)
    bare = io.BytesIO()
    metadata.strip("image/jpeg", io.BytesIO(out.getvalue()), bare, name="a.jpg")
    assert len(bare.getvalue()) < len(out.getvalue()) * 0.8
    check(io.BytesIO(bare.getvalue()), look(bare.getvalue()), name="a.jpg")
