"""Which posts are carried, and what makes a thread."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.errors import ConfigError
from bridge.posts import Audience, Author, Kind, Media, MediaType, Post, Span, SpanKind, Thread
from bridge.selection import OPTIONS, OWN_KINDS, Chain, Header, Limiter, Rules, Skipped, chains, select
from tests.changes import replace
from tests.strategies import rules, threads

START = datetime(2014, 1, 1, tzinfo=UTC)
ALL = Rules(kinds=frozenset(Kind), audiences=frozenset(Audience), gone=True)


def header(number: int, reply_to: int | None = None, kind: Kind | None = None, **more: object) -> Header:
    return Header(
        id=str(number),
        created_at=START + timedelta(minutes=number),
        kind=kind or (Kind.ORIGINAL if reply_to is None else Kind.THREAD),
        audience=more.pop("audience", Audience.PUBLIC),
        reply_to=None if reply_to is None else str(reply_to),
        **more,
    )


def joined(
    *headers: Header, rules: Rules | None = None
) -> list[tuple[tuple[str, ...], tuple[int | None, ...]]]:
    return [(chain.ids, chain.parents) for chain in chains(headers, rules or Rules()).chains]


def test_a_thread_is_joined_oldest_first_whatever_the_order_it_was_read_in() -> None:
    headers = [header(1), header(2, 1), header(3, 2), header(10)]
    for _ in range(5):
        random.Random(4).shuffle(headers)
        assert joined(*headers) == [(("1", "2", "3"), (None, 0, 1)), (("10",), (None,))]


def test_ids_are_numbers_not_words() -> None:
    assert joined(header(9), header(10, 9), header(100, 10)) == [(("9", "10", "100"), (None, 0, 1))]


def test_a_fork_is_one_thread() -> None:
    assert joined(header(1), header(2, 1), header(3, 1), header(4, 2)) == [
        (("1", "2", "3", "4"), (None, 0, 0, 1))
    ]


def test_threads_come_in_the_order_of_their_first_posts() -> None:
    assert [ids for ids, _ in joined(header(1), header(2), header(3, 1), header(4, 2))] == [
        ("1", "3"),
        ("2", "4"),
    ]


def test_children_of_a_dropped_post_go_to_the_nearest_kept_ancestor() -> None:
    circle = header(2, 1, audience=Audience.CIRCLE)
    gone = header(3, 2, gone=True)
    found = chains([header(1), circle, gone, header(4, 3), header(5, 4)], Rules())
    assert found.chains == (Chain(ids=("1", "4", "5"), parents=(None, 0, 1)),)
    assert found.skipped == (("2", Skipped("circle")), ("3", Skipped("gone")))


def test_an_answer_to_others_breaks_the_thread() -> None:
    reply = header(2, kind=Kind.REPLY, reply_to=999)
    assert joined(header(1), reply, header(3, 2), header(4, 3)) == [
        (("1",), (None,)),
        (("3", "4"), (None, 0)),
    ]
    with_replies = Rules(kinds=OWN_KINDS | {Kind.REPLY})
    assert joined(header(1), reply, header(3, 2), rules=with_replies) == [
        (("1",), (None,)),
        (("2", "3"), (None, 0)),
    ]


def test_a_reply_within_the_own_thread_is_bridged_when_dropped() -> None:
    inner = header(2, 1, kind=Kind.REPLY)
    assert joined(header(1), inner, header(3, 2)) == [(("1", "3"), (None, 0))]


def test_nothing_hangs_on_a_retweet() -> None:
    retweet = header(1, kind=Kind.RETWEET)
    assert joined(retweet, header(2, 1)) == [(("2",), (None,))]
    assert joined(retweet, header(2, 1), rules=ALL) == [(("1",), (None,)), (("2",), (None,))]


def test_an_answer_to_any_version_of_an_edited_post_answers_the_post() -> None:
    edited = header(1, ids=("1", "2", "3"))
    assert joined(edited, header(4, 2), header(5, 3)) == [(("1", "4", "5"), (None, 0, 0))]


def test_an_orphan_begins_a_thread() -> None:
    assert joined(header(2, 1), header(3, 2)) == [(("2", "3"), (None, 0))]


@pytest.mark.parametrize("loop", [[(1, 1)], [(1, 2), (2, 1)], [(1, 3), (2, 1), (3, 2)]])
def test_loops_in_damaged_data_hold_nothing_up(loop: list[tuple[int, int]]) -> None:
    found = joined(*(header(number, parent) for number, parent in loop))
    assert sorted(post_id for ids, _ in found for post_id in ids) == [str(number) for number, _ in loop]


@pytest.mark.parametrize(
    ("left_out", "reason"),
    [
        (header(1, kind=Kind.RETWEET), "retweet"),
        (header(1, kind=Kind.REPLY), "reply"),
        (header(1, audience=Audience.CIRCLE), "circle"),
        (header(1, audience=Audience.DELETED), "deleted"),
        (header(1, gone=True), "gone"),
    ],
)
def test_what_is_carried_only_when_asked_for(left_out: Header, reason: str) -> None:
    assert chains([left_out], Rules()).skipped == (("1", Skipped(reason)),)
    assert joined(left_out, rules=ALL) == [(("1",), (None,))]
    assert OPTIONS[reason]


def test_community_posts_are_carried() -> None:
    assert joined(header(1, audience=Audience.COMMUNITY)) == [(("1",), (None,))]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(1, 30), st.none() | st.integers(1, 30), st.sampled_from(Kind), st.booleans()),
        unique_by=lambda row: row[0],
    ),
    st.sampled_from((Rules(), ALL)),
)
def test_every_post_is_in_one_thread_or_left_out(
    rows: list[tuple[int, int | None, Kind, bool]], rules: Rules
) -> None:
    headers = [header(number, parent, kind, gone=gone) for number, parent, kind, gone in rows]
    found = chains(headers, rules)
    placed = [post_id for chain in found.chains for post_id in chain.ids]
    assert sorted(placed + [post_id for post_id, _ in found.skipped]) == sorted(h.id for h in headers)
    for chain in found.chains:
        assert list(chain.ids) == sorted(chain.ids, key=int)
        assert chain.parents[0] is None
        assert all(parent is not None and parent < at for at, parent in enumerate(chain.parents) if at)
    roots = [int(chain.ids[0]) for chain in found.chains]
    assert roots == sorted(roots)


def test_a_long_chain_of_dropped_posts_takes_no_longer_than_others() -> None:
    count = 20_000
    headers = [header(1), *(header(n, n - 1, gone=True) for n in range(2, count)), header(count, count - 1)]
    assert joined(*headers) == [(("1", str(count)), (None, 0))]


TAGGED = Span(start=0, end=6, kind=SpanKind.HASHTAG, target="Musée")
LINKED = Span(start=7, end=11, kind=SpanKind.LINK, target="https://ex.org/louvre")


def post(number: int, **more: object) -> Post:
    base = Post(
        source="twitter:1",
        id=str(number),
        author=Author(id="1"),
        created_at=START + timedelta(days=number),
        text="#Musée link",
        kind=Kind.ORIGINAL if number == 1 else Kind.THREAD,
    )
    return replace(base, **more)


def thread(*posts: Post) -> Thread:
    return Thread(posts=posts, parents=tuple(None if at == 0 else at - 1 for at in range(len(posts))))


FULL = thread(
    post(1, language="fr"),
    post(2, spans=(TAGGED, LINKED), likes=12, edit_ids=("2", "22"), language="pt-BR"),
    post(3, media=(Media(type=MediaType.IMAGE), Media(type=MediaType.GIFV))),
)


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        (Rules(), None),
        (Rules(ids=frozenset({"22"})), None),
        (Rules(ids=frozenset({"9"})), "id"),
        (Rules(kinds=frozenset({Kind.THREAD})), None),
        (Rules(kinds=frozenset({Kind.QUOTE})), "kind"),
        (Rules(since=START + timedelta(days=1)), None),
        (Rules(since=START + timedelta(days=2)), "date"),
        (Rules(until=START + timedelta(days=2)), None),
        (Rules(until=START + timedelta(days=1)), "date"),
        (Rules(languages=frozenset({"fr"})), None),
        (Rules(languages=frozenset({"PT"})), None),
        (Rules(languages=frozenset({"und"})), None),
        (Rules(languages=frozenset({"de"})), "language"),
        (Rules(grep="Mus.e"), None),
        (Rules(grep="ex\\.org/louvre"), None),
        (Rules(grep="Rodin"), "grep"),
        (Rules(hashtags=frozenset({"#MUSÉE"})), None),
        (Rules(hashtags=frozenset({"mus"})), "hashtag"),
        (Rules(has=frozenset({"image", "video", "link"})), None),
        (Rules(has=frozenset({"image", "poll"})), "has"),
        (Rules(min_likes=12), None),
        (Rules(min_likes=13), "likes"),
    ],
)
def test_a_filter_keeps_or_drops_a_thread_whole(rules: Rules, reason: str | None) -> None:
    assert select(FULL, rules) == (Skipped(reason) if reason else None)
    assert reason is None or OPTIONS[reason]


@settings(max_examples=60, deadline=None)
@given(threads(), rules())
def test_every_reason_has_its_option(thread: Thread, rules: Rules) -> None:
    skipped = select(thread, rules)
    assert skipped is None or skipped.reason in OPTIONS


def test_a_pattern_that_is_none_is_the_users_to_correct() -> None:
    with pytest.raises(ConfigError, match="regular expression"):
        select(FULL, Rules(grep="("))


def test_a_limit_is_never_exceeded_and_cuts_no_thread() -> None:
    limiter = Limiter(5)
    assert [limiter.admits(posts) for posts in (2, 9, 2, 2, 1)] == [True, False, True, False, False]
    assert all(Limiter(None).admits(posts) for posts in (1, 10_000))
