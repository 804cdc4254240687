"""Polls: asked anew where that makes sense, else written out, since a poll of long ago is over."""

from __future__ import annotations

from datetime import datetime, timedelta

from bridge.posts import Poll, Post
from bridge.rendering.options import Context
from bridge.statuses import PollDraft


def poll_draft(post: Post, context: Context) -> PollDraft | None:
    """A poll to be attached: of a new post, while it is open, and where the server takes it as it is."""
    poll, limits = post.poll, context.limits
    if poll is None or not context.live or post.media:
        return None
    if not post.text.strip():
        return None  # Mastodon: "Text can't be blank"
    ends = ending(post)
    if not 2 <= len(poll.options) <= limits.max_polls_options or ends is None:
        return None
    if any(len(option) > limits.poll_option_length for option in poll.options):
        return None
    if context.now is not None and ends - context.now < timedelta(seconds=limits.min_poll_seconds):
        return None
    seconds = round((ends - post.created_at).total_seconds())
    expires_in = min(max(seconds, limits.min_poll_seconds), limits.max_poll_seconds)
    return PollDraft(options=poll.options, expires_in=expires_in, ends_at=ends)


def ending(post: Post) -> datetime | None:
    """When nobody may vote any more, as far as the source tells."""
    poll = post.poll
    if poll is None or poll.ends_at is not None or not poll.minutes:
        return poll.ends_at if poll else None
    return post.created_at + timedelta(minutes=poll.minutes)


def poll_lines(post: Post, now: datetime | None = None) -> str:
    """The choices of a poll as text; of one that is over at `now`, with how they did where that is known."""
    if post.poll is None:
        return ""
    ends = ending(post)
    is_over = now is not None and ends is not None and ends <= now
    return choices(post.poll.options, _shares(post.poll) if is_over else ())


def choices(options: tuple[str, ...], shares: tuple[int, ...] = ()) -> str:
    told = [f" · {share}\u00a0%" for share in shares] or [""] * len(options)
    return "\n".join(f"○ {option}{share}" for option, share in zip(options, told, strict=True))


def _shares(poll: Poll) -> tuple[int, ...]:
    """In whole hundredths."""
    total = sum(poll.votes)
    if not total or len(poll.votes) != len(poll.options):
        return ()
    return tuple(round(100 * votes / total) for votes in poll.votes)
