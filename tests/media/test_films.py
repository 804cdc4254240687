"""Films of every kind: looked at by their boxes, and made to fit."""

from __future__ import annotations

import io
import random
from contextlib import suppress
from pathlib import Path

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import MediaError
from bridge.fitting import Facts, Original, Remux, Strip, Transcode, Wanted, decide
from bridge.media import metadata
from bridge.media.films import Job, Stopped, fit_film
from bridge.media.probe import probe
from bridge.publishers.servers import profile
from bridge.statuses import Limits
from tests.changes import replace
from tests.media.films import FILMS, deaf, film, turned

MASTODON = profile("mastodon", "4.5.0")
READY = Wanted(films=True)


@pytest.fixture(scope="module")
def films() -> dict[str, bytes]:
    return {name: make() for name, make in FILMS.items()}


def look(content: bytes, name: str = "1-a.mp4") -> Facts:
    return probe(io.BytesIO(content), name=name, size=len(content))


def fitted(content: bytes, limits: Limits, folder: Path) -> Facts:
    facts = look(content)
    recipe = decide(facts, limits, READY)
    assert isinstance(recipe, Remux | Transcode)
    (folder / "source").write_bytes(content)
    fit_film(folder / "source", facts, recipe, folder / "made.mp4", Job(name="1-a.mp4"))
    made = (folder / "made.mp4").read_bytes()
    after = look(made)
    assert isinstance(decide(after, limits, READY), Original)
    assert made.index(b"moov") < made.index(b"mdat"), "a browser has to find the index first"
    return after


@pytest.mark.parametrize("name", FILMS)
def test_what_the_boxes_tell_is_what_ffmpeg_finds(films: dict[str, bytes], name: str) -> None:
    facts = look(films[name], name)
    with av.open(io.BytesIO(films[name])) as known:
        seen = known.streams.video[0]
        frames = sum(1 for _ in known.decode(video=0))
        size = (seen.width, seen.height)
    assert (facts.width, facts.height) == (size[::-1] if name == "turned.mp4" else size)
    assert facts.frames == frames
    assert facts.duration == pytest.approx(1.0 if name != "uneven.mp4" else 5 / 3, abs=0.25)
    assert facts.located is (name == "located.mp4")
    assert facts.video == ("vp9" if name.endswith("webm") else "h264")
    assert bool(facts.audio) is (name not in ("silent.mp4", "uneven.mp4", "fast.mp4"))


@pytest.mark.parametrize("name", FILMS)
def test_every_kind_fits_into_few_pixels(films: dict[str, bytes], name: str, tmp_path: Path) -> None:
    before = look(films[name], name)
    after = fitted(films[name], replace(MASTODON, video_pixels=8000), tmp_path)
    assert 6000 < after.pixels <= 8000
    assert (after.width > after.height) is (before.width > before.height)
    assert (after.video, after.audio) == ("h264", before.audio and "aac")
    assert after.duration == pytest.approx(before.duration, abs=0.15)
    assert after.frames == pytest.approx(before.frames, abs=1)
    assert not after.turned


@pytest.mark.parametrize("sound", [None, "aac"])
def test_a_film_gets_below_the_byte_limit(sound: str | None, tmp_path: Path) -> None:
    content = film(320, 180, seconds=4, rate=10, noise=0.5, bitrate=3_000_000, sound=sound)
    room = 90_000
    after = fitted(content, replace(MASTODON, video_bytes=room), tmp_path)
    assert room * 0.4 < after.size < room
    assert after.duration == pytest.approx(4.0, abs=0.2)


def test_a_film_that_is_too_fast_is_thinned_out(films: dict[str, bytes], tmp_path: Path) -> None:
    after = fitted(films["fast.mp4"], replace(MASTODON, video_rate=30), tmp_path)
    assert after.rate == pytest.approx(30, abs=1.5)


@pytest.mark.parametrize("name", ["plain.mov"])
def test_a_box_that_is_not_taken_is_changed_and_nothing_else(
    films: dict[str, bytes], name: str, tmp_path: Path
) -> None:
    taken = replace(MASTODON, mime_types=("video/mp4",))
    assert isinstance(decide(look(films[name]), taken, READY), Remux)
    after = fitted(films[name], taken, tmp_path)
    assert after.mime_type == "video/mp4"

    def packets(content: bytes) -> list[bytes]:
        with av.open(io.BytesIO(content)) as opened:
            return [bytes(packet) for packet in opened.demux(video=0) if packet.size]

    assert packets((tmp_path / "made.mp4").read_bytes()) == packets(films[name])


def test_a_turned_film_stays_turned_in_another_box(tmp_path: Path) -> None:
    content = turned(film(box="mov"))
    after = fitted(content, replace(MASTODON, mime_types=("video/mp4",)), tmp_path)
    assert (after.width, after.height, after.turned) == (96, 160, True)


def test_a_place_goes_and_nothing_else_moves(films: dict[str, bytes]) -> None:
    content = films["located.mp4"]
    assert isinstance(decide(look(content), MASTODON, Wanted()), Strip)
    out = io.BytesIO()
    metadata.strip("video/mp4", io.BytesIO(content), out, name="a.mp4")
    bare = out.getvalue()
    assert (len(bare), look(bare).located, b"+48.8583" in bare) == (len(content), False, False)
    with av.open(io.BytesIO(content)) as one, av.open(io.BytesIO(bare)) as other:
        assert [bytes(p) for p in one.demux()] == [bytes(p) for p in other.demux()]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (deaf(), "without a picture"),
        (film()[:-100], "cut short"),
        (film()[:300], "cut short|no whole film"),
        (b"\0\0\0\x18ftypisom\0\0\2\0isomiso2", "no whole film"),
        (b"\0\0\0\x18ftypisom\0\0\2\0isomiso2\0\0\0\x02moov", "damaged"),
    ],
)
def test_what_is_of_no_use_is_said_in_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(MediaError, match=sentence) as caught:
        look(content)
    assert str(caught.value).startswith("1-a.mp4 ")


def test_a_program_that_ends_does_not_wait_for_a_film(tmp_path: Path, films: dict[str, bytes]) -> None:
    facts = look(films["silent.mp4"])
    (tmp_path / "source").write_bytes(films["silent.mp4"])
    job = Job(name="1-a.mp4", stop=lambda: True)
    with pytest.raises(Stopped):
        fit_film(tmp_path / "source", facts, Remux(bytes=10**9), tmp_path / "made.mp4", job)


@settings(max_examples=60)
@given(st.randoms(use_true_random=False))
def test_any_damage_to_the_index_is_a_sentence_or_nothing(
    films: dict[str, bytes], chance: random.Random
) -> None:
    content = bytearray(films["sounding.mp4"])
    start = content.index(b"moov") - 4
    for _ in range(chance.randint(1, 8)):
        content[chance.randrange(start, len(content))] = chance.randrange(256)
    with suppress(MediaError):
        look(bytes(content))
