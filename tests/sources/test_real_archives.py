"""Four archives that their owners published: read where they are, skipped where they are not."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from bridge.posts import SpanKind
from tests.sources.reading import read

ARCHIVES = Path(__file__).resolve().parents[3] / "shared" / "archives"

pytestmark = pytest.mark.skipif(not ARCHIVES.is_dir(), reason=f"the shared archives are not at {ARCHIVES}")


@pytest.mark.parametrize(
    ("name", "era", "kinds"),
    [
        ("edsu+congressedits-archive", "G2", {"original": 2282, "retweet": 23, "reply": 7, "thread": 1}),
        ("kglibrarian+RTIatMLATwitterArchive", "Y1", {"original": 44, "thread": 14, "retweet": 12}),
        ("FeXd+saskvaccine", "Y2", {"original": 119, "retweet": 126, "thread": 1}),
        ("boscomonkey+fitlog", "Y2", {"original": 1121, "thread": 5, "quote": 1}),
    ],
)
def test_every_post_once(name: str, era: str, kinds: dict[str, int]) -> None:
    outcome = read(ARCHIVES / name)
    assert outcome.archive.summary().era == era
    assert not outcome.rejects
    assert Counter(post.kind.value for post in outcome.posts) == kinds
    assert len({post.id for post in outcome.posts}) == len(outcome.posts)
    assert outcome.codes <= {"ARCHIVE_MEDIA_MISSING"}
    for post in outcome.posts:
        assert all(post.text[span.start : span.end] for span in post.spans)
        assert bool(post.media) >= any(span.kind is SpanKind.MEDIA for span in post.spans)


def test_different_owners_are_refused() -> None:
    from bridge.errors import SourceError

    with pytest.raises(SourceError, match="different owners"):
        read(ARCHIVES)
