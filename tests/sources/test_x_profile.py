"""The profile of an account as X's API tells it."""

from __future__ import annotations

import msgspec
import pytest

from bridge.profile import Picture, Profile
from bridge.sources.twitter_api.showing import profile_of
from bridge.sources.twitter_api.wire import User

BANNER = "https://pbs.twimg.com/profile_banners/1/2"


def told(**user: object) -> Profile:
    return profile_of(msgspec.json.decode(msgspec.json.encode(user), type=User))


@pytest.mark.parametrize(
    ("url", "picture"),
    [
        (
            "https://pbs.twimg.com/profile_images/1/a_normal.jpg",
            "https://pbs.twimg.com/profile_images/1/a.jpg",
        ),
        ("https://pbs.twimg.com/profile_images/1/a.png", "https://pbs.twimg.com/profile_images/1/a.png"),
        ("https://abs.twimg.com/sticky/default_profile_images/default_profile_normal.png", None),
        (None, None),
    ],
)
def test_the_picture_is_the_one_in_full_size(url: str | None, picture: str | None) -> None:
    found = told(name="Museum", profile_image_url=url, profile_banner_url=BANNER)
    assert found.avatar == (picture and Picture(url=picture))
    assert found.header == Picture(url=BANNER)


def test_a_short_link_that_x_does_not_undo_stays() -> None:
    undone = [{"url": "https://t.co/a", "expanded_url": "https://a.example"}, {"url": "https://t.co/b"}]
    found = told(description="https://t.co/a, https://t.co/b", entities={"description": {"urls": undone}})
    assert found.bio == "https://a.example, https://t.co/b"
    assert (found.website, found.location) == (None, None)
