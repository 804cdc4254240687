"""Several archives of one account are read as one; the rule of merging does not depend on their order."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import reduce
from itertools import permutations
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.posts import (
    Audience,
    Author,
    Kind,
    Media,
    MediaType,
    Place,
    Post,
    Precision,
    Provenance,
    Reference,
    Span,
    SpanKind,
    digest,
)
from bridge.sources.twitter_archive.merge import merge
from tests.sources import archives as made
from tests.sources.archives import day
from tests.sources.reading import read

TRUE, CUT, POOR = "@ann caf\u00e9 https://t.co/abc", "@ann c\u2026", "@ann caf?"
ERAS = {"Y2": 60, "G2": 50, "GU": 40, "G1": 10}


def maybe(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.none() | values


NAMES = st.sampled_from(["a", "b"])
STAMPS = st.builds(
    lambda era, archive, year: Provenance(
        archive=archive,
        era=era,
        member="m",
        rank=ERAS[era],
        generated_at=year and datetime(year, 1, 1, tzinfo=UTC),
    ),
    st.sampled_from(sorted(ERAS)),
    NAMES,
    maybe(st.integers(2013, 2016)),
)


@st.composite
def versions(draw: st.DrawFn) -> Post:
    """A post as one archive has it: its words depend on the era, the rest on what was kept."""
    stamp = draw(STAMPS)
    text = {"Y2": TRUE, "G2": TRUE, "GU": CUT, "G1": POOR}[stamp.era]
    mention = Span(start=0, end=4, kind=SpanKind.MENTION, target="ann", user_id=draw(maybe(st.just("7"))))
    media = tuple(
        Media(
            type=MediaType.IMAGE,
            id=number,
            alt=draw(maybe(NAMES)),
            file=draw(maybe(NAMES)),
            width=draw(maybe(st.integers(1, 3))),
        )
        for number in ("1", "2")
    )
    counted = stamp.era in ("Y2", "GU")
    return Post(
        source="twitter:1",
        id="5",
        author=Author(id="1", handle="me"),
        created_at=datetime(2015, 1, 1, draw(st.integers(0, 2)), tzinfo=UTC),
        precision=draw(st.sampled_from(Precision)),
        text=text,
        spans=(mention,) if draw(st.booleans()) or stamp.era != "Y2" else (),
        kind=draw(st.just(Kind.REPLY)),
        audience=draw(st.sampled_from(Audience)),
        reply_to=Reference(id="4", handle=draw(maybe(NAMES))),
        media=draw(st.sampled_from([(), media])),
        sensitive=draw(st.booleans()),
        place=draw(st.just(Place(name="x"))),
        edit_ids=draw(st.sampled_from([(), ("5", "6"), ("5", "6", "7")])),
        likes=draw(st.integers(0, 3)) if counted else None,
        provenance=(stamp,),
    )


@settings(max_examples=150)
@given(versions(), versions(), versions())
def test_merge_is_a_union(a: Post, b: Post, c: Post) -> None:
    assert merge(a, a) == a
    assert merge(a, b) == merge(b, a)
    ab = merge(a, b)
    assert merge(ab, a) == merge(ab, b) == ab
    results = [reduce(merge, order) for order in permutations((a, b, c))]
    assert all(result == results[0] for result in results)
    assert merge(merge(a, b), c) == merge(a, merge(b, c))
    assert digest(results[0]) == digest(merge(results[0], b))


def test_the_truest_of_two_eras(tmp_path: Path) -> None:
    text = "look https://t.co/mmmmmmmmmm"
    medium = made.photo(day(1), text, "https://t.co/mmmmmmmmmm")
    old = {**medium, "media_alt": "A door"}
    del old["type"]
    g2 = made.grailbird(
        {"2015_01": [made.g_tweet(day(1), text, "2015-01-02 12:00:00 +0000", entities={"media": [old]})]}
    )
    new = made.y2([made.y_tweet(day(1), text, media=[medium])])
    outcome = read(made.write_zip(tmp_path / "g.zip", g2), made.write_zip(tmp_path / "y.zip", new))
    assert outcome.archive.summary().parts == 2
    assert outcome.archive.summary().era == "G2+Y2"
    post = reduce(outcome.archive.merge, outcome.posts)
    assert post.media[0].alt == "A door"
    assert post.likes == 3
    assert post.language == "en"
    assert [stamp.era for stamp in post.provenance] == ["Y2", "G2"]


def test_folder_of_zips(tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()
    made.write_zip(tmp_path / "all/twitter-2020-01-01-ab.zip", made.y1([made.y_tweet(day(1), "a")]))
    made.write_zip(tmp_path / "all/twitter-2023-01-01-ab.zip", made.y2([made.y_tweet(day(2), "b")]))
    made.write_zip(tmp_path / "all/holiday.zip", {"photo.jpg": "x"})
    (tmp_path / "all/broken.zip").write_bytes(b"PK nonsense")
    outcome = read(tmp_path / "all")
    assert outcome.archive.summary().parts == 2
    assert {post.text for post in outcome.posts} == {"a", "b"}
