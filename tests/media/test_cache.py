"""What was made to fit is kept, found again, mended when damaged, and given up when there is no room."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bridge.errors import MediaError
from bridge.fitting import Facts, Remux, Strip
from bridge.media.cache import Cache, Kept

FACTS = Facts(mime_type="image/jpeg", size=5, width=2, height=2)


def keep(cache: Cache, source: str, content: bytes = b"image") -> Kept:
    with cache.workplace() as place:
        made = place / "made.jpg"
        made.write_bytes(content)
        return cache.put(source, Strip(), made, FACTS)


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "media", limit=1000)


def test_what_is_kept_is_found_under_source_and_recipe(cache: Cache) -> None:
    assert cache.get("ab", Strip()) is None
    kept = keep(cache, "ab")
    assert cache.get("ab", Strip()) == kept
    assert kept.path.read_bytes() == b"image"
    assert (kept.path.name.partition("-")[0], kept.path.suffix) == ("ab", ".jpg")
    assert cache.get("ab", Remux(bytes=3)) is None
    assert cache.get("cd", Strip()) is None
    assert sorted(path.suffix for path in cache.folder.iterdir()) == [".jpg", ".json"]


@pytest.mark.parametrize("damage", ["shorter", "other", "gone", "note", "no note"])
def test_a_damaged_entry_does_not_count(cache: Cache, damage: str) -> None:
    path = keep(cache, "ab").path
    note = path.with_suffix(".json")
    {
        "shorter": lambda: path.write_bytes(b"imag"),
        "other": lambda: path.write_bytes(b"IMAGE"),
        "gone": path.unlink,
        "note": lambda: note.write_bytes(b'{"file": 3'),
        "no note": note.unlink,
    }[damage]()
    assert cache.get("ab", Strip()) is None
    assert cache.get("ab", Strip()) == keep(cache, "ab") or cache.get("ab", Strip()) is not None


def test_what_cannot_be_made_is_not_tried_again(cache: Cache) -> None:
    cache.give_up("ab", Strip(), "a.jpg is too much.")
    with pytest.raises(MediaError, match="too much"):
        cache.get("ab", Strip())
    assert cache.usage().files == 0
    cache.clear()
    assert cache.get("ab", Strip()) is None


def test_the_longest_unused_go_first(cache: Cache) -> None:
    for at, source in enumerate(["a", "b", "c"]):
        path = keep(cache, source, bytes(400) if source != "c" else bytes(100)).path
        os.utime(path, (at, at))
    assert cache.usage().bytes == 900
    assert cache.get("a", Strip()) is not None  # used just now
    keep(cache, "d", bytes(300))
    assert [source for source in "abcd" if cache.get(source, Strip())] == ["a", "c", "d"]
    assert cache.prune(0).files == 3
    assert list(cache.folder.iterdir()) == []


def test_one_file_larger_than_the_cache_is_still_kept(cache: Cache) -> None:
    assert keep(cache, "a", bytes(5000)).path.exists()


def test_several_may_make_the_same_at_once(tmp_path: Path) -> None:
    def make(number: int) -> bytes:
        own = Cache(tmp_path, limit=10**6)
        keep(own, "a", b"image" * 1000)
        found = own.get("a", Strip())
        return found.path.read_bytes() if found else b""

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(make, range(40))) <= {b"image" * 1000}
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".") or path.suffix == ".new"]


def test_what_a_killed_maker_left_behind_goes(cache: Cache) -> None:
    keep(cache, "a")
    for name, age in ((".making-old", 90_000), (".making-new", 0)):
        place = cache.folder / name
        place.mkdir()
        (place / "made.mp4").write_bytes(b"half")
        os.utime(place, (place.stat().st_mtime - age,) * 2)
    cache.prune()
    assert sorted(path.name for path in cache.folder.iterdir() if path.name.startswith(".")) == [
        ".making-new"
    ]


def test_nothing_is_there_before_something_is_kept(cache: Cache) -> None:
    assert (cache.usage().files, cache.prune().files, cache.clear().files) == (0, 0, 0)
    assert not cache.folder.exists()
