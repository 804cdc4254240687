"""What a person wants a post to say here, laid over what the source says: the source itself never changes."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from bridge.posts import Post
from bridge.rendering.options import Context, Overlay
from bridge.rendering.text import Written, rewrite
from bridge.statuses import OwnLink, Warn

#: Holds a post whose source came to say something else after a person had written another text for it.
CONFLICT = "edit_conflict"


def laid_over(post: Post, context: Context, overlay: Overlay) -> tuple[Post, Context]:
    """The post, and how it is to be rendered, as a person chose. The text is for `reworded`."""
    options = context.options
    if overlay.visibility is not None:
        options = replace(options, visibility=overlay.visibility)
    if overlay.spoiler is not None:
        options = replace(options, content_warnings=())
        post = msgspec.structs.replace(post, spoiler=overlay.spoiler or None)
    if overlay.language is not None:
        post = msgspec.structs.replace(post, language=overlay.language)
    return post, replace(context, options=options)


def conflicts(post: Post, overlay: Overlay | None) -> bool:
    """Whether the source says something else than when somebody wrote another text for it."""
    if overlay is None or overlay.text is None:
        return False
    return overlay.base is not None and overlay.base != post.text


def reworded(written: Written, context: Context, overlay: Overlay) -> Written:
    """In a person's words; links to own posts that are still in them go on leading to their statuses."""
    if overlay.text is None:
        return written
    text = rewrite(overlay.text, context)
    warnings = tuple(each for each in written.warnings if each.code not in _OF_THE_TEXT)
    return replace(written, text=text, own_links=_found_again(written, text), warnings=warnings)


_OF_THE_TEXT = frozenset({"MENTION_UNMAPPED", "LINK_UNRESOLVED"})


def conflict_warnings(post: Post, overlay: Overlay | None) -> tuple[Warn, ...]:
    if not conflicts(post, overlay):
        return ()
    return (Warn(code="EDIT_CONFLICT", detail="the source says something else than when it was edited"),)


def _found_again(written: Written, text: str) -> tuple[OwnLink, ...]:
    found: list[OwnLink] = []
    at = 0
    for link in written.own_links:
        words = written.text[link.start : link.end]
        start = text.find(words, at)
        if start >= 0:
            at = start + len(words)
            found.append(OwnLink(start=start, end=at, to=link.to))
    return tuple(found)
