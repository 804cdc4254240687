"""The profile that an archive holds, of every era."""

from __future__ import annotations

from pathlib import Path

from bridge.profile import Picture, Profile
from bridge.sources.twitter_archive import open_archives
from tests.sources import archives as made
from tests.sources.archives import Files, day

AVATAR = "https://pbs.twimg.com/profile_images/138/Ji1fCu8r.jpg"
HEADER = "https://pbs.twimg.com/profile_banners/4242/1605653649"
TWEETS = [made.y_tweet(day(1), "hello")]


def details(location: str = "", **more: str) -> str:
    description = {"bio": "Old things", "website": "https://t.co/abc", "location": location}
    return made.ytd("profile", [{"profile": {"description": description, **more}}])


def profile(path: Path) -> Profile:
    archive = open_archives([path])
    try:
        return archive.profile()
    finally:
        archive.close()


def test_with_its_pictures(tmp_path: Path) -> None:
    files: Files = made.y2(TWEETS, profile=details(avatarMediaUrl=AVATAR, headerMediaUrl=HEADER))
    files |= {"data/profile_media/4242-Ji1fCu8r.jpg": "a", "data/profile_media/4242-1605653649": "h"}
    path = made.write_zip(tmp_path / "a.zip", files)
    found = profile(path)
    assert (found.name, found.bio, found.website, found.location) == (
        made.NAME, "Old things", "https://t.co/abc", "",
    )  # fmt: skip
    assert found.avatar == Picture(
        url=AVATAR, file="data/profile_media/4242-Ji1fCu8r.jpg", container=str(path)
    )
    assert found.header == Picture(url=HEADER, file="data/profile_media/4242-1605653649", container=str(path))


def test_without_its_pictures(tmp_path: Path) -> None:
    found = profile(
        made.write_zip(tmp_path / "a.zip", made.y2(TWEETS, profile=details(avatarMediaUrl=AVATAR)))
    )
    assert (found.avatar, found.header) == (Picture(url=AVATAR), None)


def test_the_newest_archive_tells_and_an_older_one_may_have_the_picture(tmp_path: Path) -> None:
    old: Files = made.y2(TWEETS, made="2020-01-05T10:00:00.000Z", profile=details().replace("Old", "Older"))
    made.write_zip(tmp_path / "old.zip", old | {"data/profile_media/4242-Ji1fCu8r.jpg": "a"})
    made.write_zip(tmp_path / "new.zip", made.y2(TWEETS, profile=details(avatarMediaUrl=AVATAR)))
    archive = open_archives([tmp_path / "old.zip", tmp_path / "new.zip"])
    found = archive.profile()
    archive.close()
    assert found.bio == "Old things"
    assert found.avatar is not None
    assert found.avatar.container == str(tmp_path / "old.zip")


def test_of_an_archive_of_before_2019(tmp_path: Path) -> None:
    tweets = [made.g_tweet("123456789012345678", "hello", "2014-06-18 16:45:30 +0000")]
    files = made.grailbird({"2014_06": tweets})
    found = profile(made.write_zip(tmp_path / "g.zip", files))
    assert (found.name, found.avatar) == (made.NAME, None)


def test_an_archive_without_one(tmp_path: Path) -> None:
    assert profile(made.write_zip(tmp_path / "a.zip", made.y2(TWEETS))) == Profile(name=made.NAME)
