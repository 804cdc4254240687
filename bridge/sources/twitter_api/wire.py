"""The objects of X API v2, only the fields that matter, in both of its dialects.

Since spec 2.167 (summer 2026) posts are asked for either as `tweet.fields` or as `post.fields`, and come back
in the names of the question. Reference: openapi.json of xdevplatform/docs. twarc's `flatten` puts what a post
refers to into the post itself; that is read as well.
"""

from __future__ import annotations

import msgspec


class Url(msgspec.Struct, gc=False):
    start: int = -1
    end: int = -1
    url: str | None = None
    expanded_url: str | None = None
    unwound_url: str | None = None
    media_key: str | None = None


class Mention(msgspec.Struct, gc=False):
    start: int = -1
    end: int = -1
    username: str | None = None
    id: str | None = None


class Tag(msgspec.Struct, gc=False):
    start: int = -1
    end: int = -1
    tag: str | None = None


class Entities(msgspec.Struct, gc=False):
    urls: list[Url] = []
    mentions: list[Mention] = []
    hashtags: list[Tag] = []
    cashtags: list[Tag] = []


class Note(msgspec.Struct, gc=False):
    text: str | None = None
    entities: Entities | None = None


class VariantWire(msgspec.Struct, gc=False):
    url: str | None = None
    content_type: str | None = None
    bit_rate: int | None = None


class MediaWire(msgspec.Struct, gc=False):
    media_key: str | None = None
    type: str | None = None
    url: str | None = None
    preview_image_url: str | None = None
    alt_text: str | None = None
    width: int | None = None
    height: int | None = None
    duration_ms: int | None = None
    variants: list[VariantWire] = []


class Option(msgspec.Struct, gc=False):
    position: int = 0
    label: str = ""
    votes: int = 0


class PollWire(msgspec.Struct, gc=False):
    id: str | None = None
    options: list[Option] = []
    duration_minutes: int | None = None
    end_datetime: str | None = None


class Urls(msgspec.Struct, gc=False):
    urls: list[Url] = []


class UserEntities(msgspec.Struct, gc=False):
    url: Urls | None = None
    description: Urls | None = None


class User(msgspec.Struct, gc=False):
    """Below the name only what is asked for, when a profile is followed."""

    id: str | None = None
    username: str | None = None
    name: str | None = None
    description: str | None = None
    location: str | None = None
    url: str | None = None
    entities: UserEntities | None = None
    profile_image_url: str | None = None
    profile_banner_url: str | None = None


class Attachments(msgspec.Struct, gc=False):
    media_keys: list[str] = []
    poll_ids: list[str] = []
    media: list[MediaWire] = []
    poll: PollWire | None = None


class Metrics(msgspec.Struct, gc=False):
    like_count: int | None = None
    retweet_count: int | None = None
    repost_count: int | None = None


class Tweet(msgspec.Struct, gc=False):
    id: str | None = None
    type: str | None = None  #: of a reference: retweeted, quoted, replied_to
    text: str | None = None
    created_at: str | None = None
    author_id: str | None = None
    author: User | None = None
    lang: str | None = None
    possibly_sensitive: bool | None = None
    community_id: str | None = None
    in_reply_to_user_id: str | None = None
    in_reply_to_user: User | None = None
    entities: Entities | None = None
    note_tweet: Note | None = None
    note_post: Note | None = None
    referenced_tweets: list[Tweet] = []
    referenced_posts: list[Tweet] = []
    attachments: Attachments | None = None
    edit_history_tweet_ids: list[str] = []
    edit_history_post_ids: list[str] = []
    public_metrics: Metrics | None = None
    source: str | None = None


class Includes(msgspec.Struct, gc=False):
    users: list[User] = []
    tweets: list[Tweet] = []
    posts: list[Tweet] = []
    media: list[MediaWire] = []
    polls: list[PollWire] = []


class Problem(msgspec.Struct, gc=False):
    title: str | None = None
    detail: str | None = None
    type: str | None = None
    resource_id: str | None = None

    @property
    def is_not_found(self) -> bool:
        return (self.type or "").endswith("/resource-not-found")


class Meta(msgspec.Struct, gc=False):
    result_count: int | None = None
    newest_id: str | None = None
    next_token: str | None = None


class Answer(msgspec.Struct, gc=False):
    """A page of posts. `data` is absent, not empty, where there is nothing."""

    data: list[Tweet] = []
    includes: Includes | None = None
    errors: list[Problem] = []
    meta: Meta | None = None


class Person(msgspec.Struct, gc=False):
    """What is said of one user."""

    data: User | None = None
    errors: list[Problem] = []


class Failure(msgspec.Struct, gc=False):
    """Any other answer than a good one; `errors` in the manner of the old API."""

    title: str | None = None
    detail: str | None = None
    type: str | None = None
    errors: list[Complaint] = []


class Complaint(msgspec.Struct, gc=False):
    message: str | None = None
