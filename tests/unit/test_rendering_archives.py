"""Real archives, read whole: what their owners said is said here, within the limits, calling nobody."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bridge.posts import Kind, Post, SpanKind, ids_of
from bridge.rendering import Context, RenderOptions, render
from bridge.rendering.entities import mention_matches
from bridge.rendering.links import without_query, without_tracking
from bridge.selection import Header, Rules, chains
from bridge.sources.twitter_archive import open_archives
from bridge.statuses import Counting, Limits, StatusRef

ARCHIVES = Path(__file__).resolve().parents[2].parent / "shared" / "archives"
NAMES = (
    "edsu+congressedits-archive",
    "kglibrarian+RTIatMLATwitterArchive",
    "FeXd+saskvaccine",
    "boscomonkey+fitlog",
)
SIZES = (200, 500)


def ink(text: str) -> str:
    return re.sub(r"[\s\u2060]", "", text)


def said(post: Post) -> str:
    pieces, at = [], 0
    for span in post.spans:
        written = post.text[span.start : span.end]
        pieces.append(post.text[at : span.start])
        if span.kind is SpanKind.LINK:
            pieces.append((without_query if span.post_id else without_tracking)(span.target))
        elif span.kind is SpanKind.MENTION:
            pieces.append(f"{written}@twitter.com")
        elif span.kind is not SpanKind.MEDIA:
            pieces.append(written)
        at = span.end
    return "".join([*pieces, post.text[at:]])


@pytest.mark.parametrize("name", NAMES)
def test_every_post_of_a_real_archive_is_said_in_full(name: str) -> None:
    path = ARCHIVES / name
    if not path.is_dir():
        pytest.skip(f"the archive {name} is not here")
    posts = {post.id: post for page in open_archives([path]).pages() for post in page.posts}
    headers = [
        Header(
            id=post.id,
            created_at=post.created_at,
            kind=post.kind,
            audience=post.audience,
            reply_to=post.reply_to.id if post.reply_to else None,
            ids=post.edit_ids,
        )
        for post in posts.values()
    ]
    found = chains(headers, Rules(kinds=frozenset(Kind)))
    assert sorted(post_id for chain in found.chains for post_id in chain.ids) == sorted(posts)
    own = {post_id: StatusRef(post_id=post.id) for post in posts.values() for post_id in ids_of(post)}
    options = RenderOptions(date_stamp="none", numbering="none")
    for size in SIZES:
        limits = Limits(counting=Counting.MASTODON, max_characters=size)
        context = Context(limits=limits, options=options, own=own.get)
        for post in posts.values():
            drafts = render(post, context).drafts
            text = ink("".join(draft.text for draft in drafts))
            if post.kind not in {Kind.RETWEET, Kind.THREAD}:
                assert text == ink(said(post))
            assert all(draft.length <= size for draft in drafts)
            for draft in drafts:
                assert all(match[2] == "twitter.com" for match in mention_matches(draft.text)), draft.text
