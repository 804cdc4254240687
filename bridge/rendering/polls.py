"""Polls: asked anew where that makes sense, else written out, since a poll of long ago is over."""

from __future__ import annotations

from bridge.posts import Post
from bridge.rendering.options import Context
from bridge.statuses import PollDraft

_SHORTEST, _LONGEST = 300, 2_629_746  # seconds; Mastodon, app/validators/poll_expiration_validator.rb
_OPTION = 50  # characters


def poll_draft(post: Post, context: Context) -> PollDraft | None:
    """A poll to be attached: only of a new post, and where the server takes this one as it is."""
    poll, limits = post.poll, context.limits
    if poll is None or not context.live or limits.backdates or post.media:
        return None
    if not post.text.strip():
        return None  # Mastodon: "Text can't be blank"
    if not 2 <= len(poll.options) <= limits.max_polls_options or not poll.minutes:
        return None
    if any(len(option) > _OPTION for option in poll.options):
        return None
    return PollDraft(options=poll.options, expires_in=min(max(poll.minutes * 60, _SHORTEST), _LONGEST))


def poll_lines(post: Post) -> str:
    """The choices of a poll as text."""
    return "\n".join(f"○ {option}" for option in post.poll.options) if post.poll else ""
