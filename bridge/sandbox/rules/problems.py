"""Refusals by name, and the words each server software uses for them (reference: fediverse-rules §3.1)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

Words = Mapping[str, tuple[int, str]]


class Problem(Exception):  # an answer, not a failure of this program
    """The request is refused; `code` picks status and words from the profile, `facts` fill them in."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts


MASTODON: Words = MappingProxyType({
    "token_invalid": (401, "The access token is invalid"),
    "token_revoked": (401, "The access token was revoked"),
    "scope": (403, "This action is outside the authorized scopes"),
    "needs_user": (422, "This method requires an authenticated user"),
    "disabled": (403, "Your login is currently disabled"),
    "not_found": (404, "Record not found"),
    "no_route": (404, "Record not found"),
    "forbidden": (403, "This action is not allowed"),
    "too_many_requests": (429, "Too many requests"),
    "parent_missing": (404, "The post you are trying to reply to does not appear to exist."),
    "quote_missing": (404, "The post you are trying to quote does not appear to exist."),
    "quote_direct": (422, "Validation failed: Cannot quote a non-mentioned user in a Private Mention post."),
    "record_invalid": (422, "Record invalid"),
    "too_many_media": (422, "Cannot attach more than {limit} files"),
    "media_missing": (422, "Media {ids} not found or already attached to another post"),
    "media_attached": (422, "Media {ids} not found or already attached to another post"),
    "media_mixed": (422, "Cannot attach a video to a post that already contains images"),
    "media_unfinished": (
        422, "Cannot attach files that have not finished processing. Try again in a moment!",
    ),
    "media_needed": (400, "The media ids field is required."),
    "scheduled_unparseable": (422, "Record invalid"),
    "scheduled_soon": (422, "Validation failed: Scheduled at date must be in the future"),
    "scheduled_today": (
        422, "Validation failed: You have exceeded the limit of 25 scheduled posts for today",
    ),
    "scheduled_total": (422, "Validation failed: You have exceeded the limit of 300 scheduled posts"),
    "backdate_mention": (403, "Forbidden: statuses mentioning others can't be backfilled"),
    "backdate_reply": (403, "Forbidden: replies to others can't be backfilled"),
    "backdate_poll": (403, "Forbidden: statuses with polls can't be backfilled"),
    "backdate_epoch": (406, "Not Acceptable: statuses can't be backdated to or before the UNIX epoch"),
    "blank": (422, "Validation failed: Text can't be blank"),
    "too_long": (422, "Validation failed: Text character limit of {limit} exceeded"),
    "spoiler_too_long": (422, "The spoiler text may not be greater than {limit} characters."),
    "visibility": (422, "Validation failed: Visibility is not included in the list"),
    "language": (422, "Invalid language"),
    "unexpected_mentions": (422, "Post would be sent to unexpected accounts"),
    "unchanged": (422, "Unprocessable Entity: status was not changed"),
    "poll_few": (422, "Validation failed: Options must be more than one"),
    "poll_many": (422, "Validation failed: Options can't contain more than {limit} items"),
    "poll_long": (422, "Validation failed: Options can't be longer than {limit} characters each"),
    "poll_duplicate": (422, "Validation failed: Options contain duplicates"),
    "poll_short": (422, "Validation failed: Expires at is too soon"),
    "poll_late": (422, "Validation failed: Expires at is too far into the future"),
    "poll_media": (422, "Cannot attach more than {limit} files"),
    "key_repeated": (400, "Duplicate idempotency key."),
    "key_unresolved": (408, "Failed to resolve idempotency key note within 1000 ms"),
    "temporary": (503, "There was a temporary problem serving your request, please try again"),
    "replay_broken": (500, "Internal Server Error"),
    "file_blank": (422, "Validation failed: File can't be blank"),
    "file_type": (422, "Validation failed: File content type is invalid, File is invalid"),
    "file_spoofed": (
        422, "Validation failed: File has contents that are not what they are reported to be",
    ),
    "file_size": (
        422,
        "Validation failed: File must be less than {limit} MB, File file size must be less than {limit} MB",
    ),
    "image_pixels": (422, "{size} images are not supported"),
    "gif_pixels": (422, "{size} GIF files are not supported"),
    "video_pixels": (422, "{size} videos are not supported"),
    "description": (422, "Validation failed: Description is too long (maximum is {limit} characters)"),
    "media_failed": (422, "Error processing thumbnail for uploaded media"),
    "media_used": (422, "Media attachment is currently used by a status"),
    "pin_limit": (422, "Validation failed: You have already pinned the maximum number of posts"),
    "pin_owner": (422, "Validation failed: Someone else's post cannot be pinned"),
    "too_many_ids": (422, "Validation failed: too many ids"),
    "app_invalid": (422, "Validation failed: Name can't be blank, Redirect URI can't be blank"),
    "user_agent": (418, "I'm a teapot: no user-agent sent with request"),
    "body_json": (400, "Error occurred while parsing request parameters"),
    "too_large": (413, "Payload Too Large"),
    "method": (405, "Method Not Allowed"),
})  # fmt: skip

GOTOSOCIAL: Words = MappingProxyType({
    "token_invalid": (401, "Unauthorized: token not recognized"),
    "too_many_requests": (429, "rate limit reached"),
    "not_found": (404, "Not Found: target status not found"),
    "parent_missing": (404, "Not Found: cannot reply to status that does not exist"),
    "forbidden": (403, "Forbidden: status does not belong to requester"),
    "too_many_media": (
        400, "Bad Request: too many media files attached to status, {count} attached but limit is {limit}",
    ),
    "media_missing": (400, "Bad Request: media not found: {first}"),
    "media_attached": (400, "Bad Request: media already attached to status"),
    "media_failed": (422, "Unprocessable Entity: could not process media"),
    "file_type": (422, "Unprocessable Entity: unsupported media type"),
    "file_size": (400, "Bad Request: media exceeds configured max size: {limit}MiB"),
    "description": (400, "Bad Request: media description longer than max chars ({limit})"),
    "scheduled_unparseable": (
        400, "Bad Request: could not parse scheduled_at value {value} as ISO8601 time",
    ),
    "scheduled_soon": (
        422, "Unprocessable Entity: scheduled_at must be at least 5 minutes in the future",
    ),
    "blank": (400, "Bad Request: no status, media, or poll provided"),
    "too_long": (400, "Bad Request: text with spoiler exceed max chars ({limit})"),
    "visibility": (422, "Unprocessable Entity: invalid visibility"),
    "language": (400, "Bad Request: invalid language tag"),
})  # fmt: skip

AKKOMA: Words = MappingProxyType({
    "token_invalid": (403, "Invalid credentials."),
    "scope": (403, "Insufficient permissions."),
    "too_many_requests": (429, "Throttled"),
    "too_long": (422, "The status is over the character limit"),
    "blank": (422, "Cannot post an empty status without attachments"),
    "visibility": (422, "Invalid visibility"),
    "not_found": (404, "Record not found"),
    "file_size": (413, "Payload Too Large"),
})  # fmt: skip

PIXELFED: Words = MappingProxyType({
    "token_invalid": (401, "Unauthenticated."),
    "visibility": (400, "Invalid visibility"),
    "media_missing": (400, "Invalid media id"),
    "media_attached": (400, "Invalid media id"),
    "too_long": (422, "The status may not be greater than {limit} characters."),
    "too_many_requests": (400, "Limit exceeded. Try again later."),
    "not_found": (404, "Record not found"),
})  # fmt: skip

TAKAHE: Words = MappingProxyType({
    "token_invalid": (401, "invalid_token"),
    "too_long": (400, "Status is too long"),
    "blank": (400, "Status is empty"),
    "visibility": (400, "Invalid visibility"),
    "forbidden": (401, "Unauthorized"),
    "media_missing": (500, "Internal Server Error"),
    "file_type": (500, "Internal Server Error"),
})  # fmt: skip

HOLLO: Words = MappingProxyType({
    "token_invalid": (401, "invalid_token"),
    "blank": (400, "At least one of status, media_ids, or poll is required"),
    "media_missing": (422, "Media not found"),
    "media_attached": (422, "Media not found"),
    "file_type": (500, "Failed to process image"),
})  # fmt: skip
