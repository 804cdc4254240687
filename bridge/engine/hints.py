"""What a person can do about each warning, and which option changes a skip: one line for each stable code."""

from __future__ import annotations

HINTS: dict[str, str] = {
    "ALT_CUT": "The description is longer than the server takes; shorten it.",
    "ALT_MISSING": "Pictures without a description shut people out; `passerelle alt export` lists them.",
    "CIRCLE": "Was for a chosen few; leave out `--include circle` unless you are sure.",
    "DATE_LOST": "The archive knows the day, not the hour.",
    "DELETED": "Its author deleted it; leave out `--include deleted` unless you are sure.",
    "LINK_UNRESOLVED": "The short link leads through t.co, and may stop working.",
    "MEDIA_FITTED": "Larger than the server takes: made to fit, the archive's file stays as it is.",
    "MEDIA_LOST": "The server cannot show this sort of medium; the post goes without.",
    "MEDIA_MISSING": "Not in the archive; another may have it, or `import --fetch-missing` asks the network.",
    "MEDIA_TOO_BIG": "Cannot go up as it is: `media.too_big` in the settings says what becomes of the post.",
    "MENTION_UNMAPPED": "Put people you know into handles.csv; everybody else is named, not notified.",
    "POLL_LOST": "A poll does not go together with this post there; its choices are written out.",
    "QUOTE_FOREIGN": "Links to a post on the old network, which may stop working.",
    "QUOTE_LOST": "The quoted post is not carried; its link stays.",
    "REPLY_LOST": "The post that it answers is not carried.",
    "SPOILER_CUT": "The content warning is longer than the server takes.",
    "TEXT_CHANGED": "Part of the text cannot be shown there.",
    "TEXT_CUT": "`--too-long thread` would carry the whole text.",
    "TOO_LONG_SPLIT": "Longer than the server takes: a thread of its own; `--too-long note` cuts it.",
    "VISIBILITY_STAYS": "Who sees a published post cannot be edited; it stays as it was published.",
    "TRUNCATED": "The archive only has the beginning; a newer archive may have it all.",
    "alt_missing": "passerelle alt export --missing",
    "empty": "nothing is left of it without its media",
    "media": "set media.too_big to link or skip",
    "needs_media": "the server only takes posts with pictures",
    "too_long": "--too-long thread",
    "review": "passerelle preview --jsonl - lists them",
    "withdrawn": "passerelle retry POST",
}
