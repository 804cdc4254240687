"""From a post of X API v2 to a `Post`.

Its spec does not say what the index units of v2 are, so an entity is looked for where it claims to be, and
else by its own text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bridge.posts import (
    Audience,
    Author,
    Kind,
    Media,
    MediaType,
    Poll,
    Post,
    Precision,
    Provenance,
    Reference,
    Span,
    SpanKind,
    Variant,
)
from bridge.sources.twitter_api.wire import (
    Answer,
    Entities,
    Includes,
    MediaWire,
    Note,
    PollWire,
    Tweet,
    Url,
    User,
)
from bridge.sources.twitter_archive.links import status_link, status_url
from bridge.sources.twitter_archive.origin import Unfit, client, language
from bridge.sources.twitter_archive.posting import answer, quoted, without_stub
from bridge.sources.twitter_archive.text import (
    Mark,
    cleaning,
    disjoint,
    loose_marks,
    place_of_text,
    plain,
    settle,
)
from bridge.sources.twitter_archive.times import parse_time, written_at
from bridge.sources.twitter_archive.wire import Tweet as Old

RANK = 58  #: of the text: exact, as that of an archive, which wins where it says more
RANK_LONG = 61  #: over an archive that lacks its note
RANK_CUT = 30

_TYPES = {"photo": MediaType.IMAGE, "video": MediaType.VIDEO, "animated_gif": MediaType.GIFV}
_CUT_AT = 270  # a text of that length that ends in an ellipsis was shortened
_NO_ENTITIES = Entities()
_NOT_LONG = Note()

Stamp = Callable[[int], tuple[Provenance, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a page holds beside the post at hand, by id."""

    users: Mapping[str, User] = field(default_factory=dict)
    tweets: Mapping[str, Tweet] = field(default_factory=dict)
    media: Mapping[str, MediaWire] = field(default_factory=dict)
    polls: Mapping[str, PollWire] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    text: str
    spans: tuple[Span, ...]
    cut: bool = False
    long: bool = False


def known_of(page: Answer) -> Known:
    includes = page.includes or Includes()
    tweets = (*includes.tweets, *includes.posts, *page.data)
    return Known(
        users={user.id: user for user in includes.users if user.id},
        tweets={tweet.id: tweet for tweet in tweets if tweet.id},
        media={medium.media_key: medium for medium in includes.media if medium.media_key},
        polls={poll.id: poll for poll in includes.polls if poll.id},
    )


def to_post(tweet: Tweet, known: Known, stamp: Stamp) -> Post:
    """Raises `Unfit` for a record without id, text, author or time. The caller says whose `source` it is, and
    joins the versions of an edited post (`edits.collapse`)."""
    author = _author(tweet, known)
    post_id, ids = _ids(tweet)
    when = _when(post_id, tweet)
    passed_on = _referenced(tweet, known, "retweeted")
    words = (
        _words(tweet, post_id, when[0]) if passed_on is None else _passed_on(tweet, passed_on, when[0], known)
    )
    answered = _answered(tweet, words, author, known) if passed_on is None else None
    quote = _quote(tweet, words, known) if passed_on is None else None
    counts = tweet.public_metrics
    return Post(
        source="",
        id=post_id,
        author=author,
        created_at=when[0],
        precision=when[1],
        text=words.text,
        spans=words.spans,
        kind=_kind(passed_on, answered, quote),
        audience=Audience.COMMUNITY if tweet.community_id else Audience.PUBLIC,
        reply_to=answered[1] if answered else None,
        quote=quote,
        retweet_of=_reference(passed_on, known) if passed_on else None,
        media=tuple(
            map(_media, _attached(tweet, known) or (_attached(passed_on, known) if passed_on else ()))
        ),
        language=language(tweet.lang),
        sensitive=bool(tweet.possibly_sensitive),
        poll=_poll(tweet, known),
        edit_ids=ids if len(ids) > 1 else (),
        truncated=words.cut,
        note=words.long,
        likes=counts.like_count if counts else None,
        retweets=(counts.retweet_count if counts.repost_count is None else counts.repost_count)
        if counts
        else None,
        client=client(tweet.source),
        url=status_url(author.handle, post_id),
        provenance=stamp(RANK_CUT if words.cut else RANK_LONG if words.long else RANK),
    )


def _author(tweet: Tweet, known: Known) -> Author:
    number = _number(tweet.author_id or (tweet.author.id if tweet.author else None))
    if number is None:
        raise Unfit("it does not say who wrote it")
    user = tweet.author or known.users.get(number)
    return Author(id=number, handle=user.username if user else None, name=user.name if user else None)


def _ids(tweet: Tweet) -> tuple[str, tuple[str, ...]]:
    """Its own, and those of all its versions, oldest first."""
    own = _number(tweet.id)
    if own is None:
        raise Unfit("it has no id")
    history = tweet.edit_history_tweet_ids or tweet.edit_history_post_ids
    return own, tuple(sorted({own, *(each for each in history if _number(each))}, key=int))


def _when(first: str, tweet: Tweet) -> tuple[datetime, Precision]:
    when = written_at(int(first), tweet.created_at)
    if when is None:
        raise Unfit("it has no time that can be read")
    return when


def _number(text: str | None) -> str | None:
    return text if text and text.isascii() and text.isdigit() and len(text) <= 20 else None


# --- the words


def _note(tweet: Tweet) -> Note:
    return tweet.note_tweet or tweet.note_post or _NOT_LONG


def _words(tweet: Tweet, own_id: str, when: datetime) -> _Words:
    note = _note(tweet)
    raw = note.text or tweet.text
    if raw is None:
        raise Unfit("it has no text")
    # A long text has entities of its own; the links to the media stand only in the short one.
    entities = (note.entities if note.text else tweet.entities) or _NO_ENTITIES
    marks = list(_marks(raw, entities, own_id))
    text, spans = settle(raw, disjoint(marks + loose_marks(raw, marks)), cleaning(when))
    whole, kept = without_stub(text, spans, own_id)
    cut = not note.text and (whole != text or (len(raw) >= _CUT_AT and text.endswith("…")))
    return _Words(text=whole, spans=kept, cut=cut, long=bool(note.text))


def _passed_on(tweet: Tweet, original: Tweet, when: datetime, known: Known) -> _Words:
    """`RT @name: ` and all of the original, where the retweet's own text is cut at 140."""
    by = _handle(original, known)
    if by is None or not (original.text or _note(original).text) or original.id is None:
        return _words(tweet, tweet.id or "", when)
    words = _words(original, original.id, when)
    head = f"RT @{by}: "
    number = _number(original.author_id or (original.author.id if original.author else None))
    credit = Span(start=3, end=len(head) - 2, kind=SpanKind.MENTION, target=by, user_id=number)
    moved = (_moved(span, len(head)) for span in words.spans)
    return _Words(text=head + words.text, spans=(credit, *moved), cut=words.cut, long=words.long)


def _moved(span: Span, by: int) -> Span:
    return Span(
        start=span.start + by,
        end=span.end + by,
        kind=span.kind,
        target=span.target,
        user_id=span.user_id,
        post_id=span.post_id,
    )


def _marks(raw: str, entities: Entities, own_id: str) -> Iterator[Mark]:
    for url in entities.urls:
        spot = place_of_text(raw, url.url or "", url.start)
        if spot:
            kind = SpanKind.MEDIA if _is_media(url, own_id) else SpanKind.LINK
            yield Mark(*spot, kind, plain(url.unwound_url or url.expanded_url or url.url or ""))
    for mention in entities.mentions:
        if mention.username and (spot := place_of_text(raw, f"@{mention.username}", mention.start)):
            yield Mark(*spot, SpanKind.MENTION, mention.username, _number(mention.id))
    for tags, sign, kind in (
        (entities.hashtags, "#", SpanKind.HASHTAG),
        (entities.cashtags, "$", SpanKind.CASHTAG),
    ):
        for tag in tags:
            if tag.tag and (spot := place_of_text(raw, sign + tag.tag, tag.start)):
                yield Mark(*spot, kind, tag.tag)


def _is_media(url: Url, own_id: str) -> bool:
    link = status_link(url.expanded_url or "")
    return url.media_key is not None or (link is not None and link[0] == own_id and not link[2])


# --- what it refers to


def _kind(
    passed_on: Tweet | None, answered: tuple[Kind, Reference | None] | None, quote: Reference | None
) -> Kind:
    if passed_on is not None:
        return Kind.RETWEET
    if answered is not None:
        return answered[0]
    return Kind.ORIGINAL if quote is None else Kind.QUOTE


def _referenced(tweet: Tweet, known: Known, how: str) -> Tweet | None:
    """The post that it refers to so; with nothing but its id where the page lacks it."""
    for each in (*tweet.referenced_tweets, *tweet.referenced_posts):
        if each.type == how and _number(each.id):
            return each if each.text else known.tweets.get(each.id or "", each)
    return None


def _handle(tweet: Tweet, known: Known) -> str | None:
    user = tweet.author or known.users.get(tweet.author_id or "")
    return user.username if user else None


def _reference(tweet: Tweet, known: Known) -> Reference:
    handle = _handle(tweet, known)
    author = tweet.author_id or (tweet.author.id if tweet.author else None)
    return Reference(id=tweet.id, author_id=author, handle=handle, url=status_url(handle, tweet.id or ""))


def _quote(tweet: Tweet, words: _Words, known: Known) -> Reference | None:
    said = _referenced(tweet, known, "quoted")
    return _reference(said, known) if said else quoted(words.text, words.spans)


def _answered(
    tweet: Tweet, words: _Words, author: Author, known: Known
) -> tuple[Kind, Reference | None] | None:
    parent = _referenced(tweet, known, "replied_to")
    to = tweet.in_reply_to_user_id or (parent.author_id if parent else None)
    user = tweet.in_reply_to_user or known.users.get(to or "")
    wire = Old(
        in_reply_to_status_id_str=parent.id if parent else None,
        in_reply_to_user_id_str=to,
        in_reply_to_screen_name=user.username if user else None,
    )
    return answer(wire, words.text, (author.id, author.handle))


# --- what goes along


def _attached(tweet: Tweet, known: Known) -> tuple[MediaWire, ...]:
    attached = tweet.attachments
    if attached is None:
        return ()
    return tuple(attached.media) or tuple(
        known.media[key] for key in attached.media_keys if key in known.media
    )


def _media(wire: MediaWire) -> Media:
    kind = _TYPES.get(wire.type or "", MediaType.IMAGE)
    variants = sorted((v for v in wire.variants if v.url), key=lambda v: (v.bit_rate or 0, v.url or ""))
    films = [v for v in variants if v.content_type == "video/mp4"]
    return Media(
        type=kind,
        id=(wire.media_key or "").rpartition("_")[2] or None,
        url=films[-1].url if films else wire.url or wire.preview_image_url,
        alt=plain(wire.alt_text or "").strip() or None,
        width=wire.width or None,
        height=wire.height or None,
        duration_ms=wire.duration_ms,
        variants=tuple(
            Variant(url=v.url or "", content_type=v.content_type or "", bitrate=v.bit_rate) for v in variants
        ),
    )


def _poll(tweet: Tweet, known: Known) -> Poll | None:
    attached = tweet.attachments
    if attached is None:
        return None
    found = attached.poll or next((known.polls[i] for i in attached.poll_ids if i in known.polls), None)
    if found is None or len(found.options) < 2:
        return None
    ordered = sorted(found.options, key=lambda each: each.position)
    options, votes = tuple(plain(each.label) for each in ordered), tuple(each.votes for each in ordered)
    ends = parse_time(found.end_datetime) if found.end_datetime else None
    return Poll(options=options, minutes=found.duration_minutes, ends_at=ends, votes=votes)
