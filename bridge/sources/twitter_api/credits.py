"""Who wrote what, as the posts of a page themselves tell it: asking for users would cost a cent each."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bridge.posts import Author
from bridge.sources.twitter_api.wire import Answer, Includes, Mention, Tweet, User
from bridge.sources.twitter_archive.links import status_link

_PASSED_ON = re.compile(r"RT @([A-Za-z0-9_]{1,20}):")


def credited(page: Answer, owner: Author) -> Answer:
    """The same page: its posts are the owner's, those that they refer to are of whom their words name."""
    found = page.includes = page.includes or Includes()
    others = {tweet.id: tweet for tweet in (*found.tweets, *found.posts, *page.data)}
    numbers: dict[str, str | None] = {}
    for tweet in page.data:
        if tweet.author is None and tweet.author_id is None:
            tweet.author_id = owner.id
        numbers.update((m.username.lower(), m.id) for m in _mentions(tweet) if m.username)
    people = [User(id=number, username=name) for name, number in _names(page) if number]
    told = {user.id for user in found.users}
    known = [User(id=owner.id, username=owner.handle, name=owner.name), *people]
    found.users.extend(user for user in known if user.id not in told)
    for tweet in page.data:
        for reference in (*tweet.referenced_tweets, *tweet.referenced_posts):
            _credit(others.get(reference.id, reference), _named(tweet, reference), numbers)
    return page


def _credit(tweet: Tweet, handle: str | None, numbers: dict[str, str | None]) -> None:
    if handle and tweet.author is None:
        number = tweet.author_id or numbers.get(handle.lower())
        tweet.author = User(id=number, username=handle)


def _named(tweet: Tweet, reference: Tweet) -> str | None:
    """Whose the post is that this one passes on or quotes."""
    if reference.type == "retweeted":
        found = _PASSED_ON.match(tweet.text or "")
        return found[1] if found else None
    if reference.type != "quoted":
        return None
    notes = (tweet.note_tweet, tweet.note_post)
    for entities in (tweet.entities, *(note.entities for note in notes if note)):
        for url in entities.urls if entities else ():
            link = status_link(url.unwound_url or url.expanded_url or "")
            if link and link[0] == reference.id:
                return link[1]
    return None


def _names(page: Answer) -> Iterator[tuple[str, str | None]]:
    for tweet in page.data:
        for mention in _mentions(tweet):
            if mention.username:
                yield mention.username, mention.id


def _mentions(tweet: Tweet) -> Iterator[Mention]:
    notes = (tweet.note_tweet, tweet.note_post)
    for entities in (tweet.entities, *(note.entities for note in notes if note)):
        yield from entities.mentions if entities else ()
