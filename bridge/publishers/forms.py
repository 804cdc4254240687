"""What is sent for a draft: the parameters of the API, from what the destination can do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from bridge.publishers.base import Addressed
from bridge.statuses import Limits, StatusDraft

Document = dict[str, Any]  # JSON: the border


def status_document(draft: StatusDraft, addressed: Addressed, limits: Limits) -> Document:
    """Of POST /statuses; a past date only where it backdates: elsewhere it would be posted now (§3.5)."""
    document = _said(draft, addressed, limits) | {"visibility": draft.visibility.value}
    if draft.spoiler_text:
        document["spoiler_text"] = draft.spoiler_text
    if addressed.media:
        document["media_ids"] = list(addressed.media)
    if addressed.reply_to is not None:
        document["in_reply_to_id"] = addressed.reply_to
    if addressed.quote is not None and limits.quotes:
        document["quoted_status_id"] = addressed.quote
    if draft.backdate is not None and limits.backdates:
        document["scheduled_at"] = instant(draft.backdate)
    return document


def edit_document(draft: StatusDraft, addressed: Addressed, limits: Limits) -> Document:
    """Of PUT /statuses/:id, which replaces everything: what is left out would be deleted (§3.8)."""
    document = _said(draft, addressed, limits) | {"spoiler_text": draft.spoiler_text}
    attached = [medium for medium in draft.media if medium.goes]
    if addressed.media:
        document["media_ids"] = list(addressed.media)
    if addressed.media and len(attached) == len(addressed.media):
        document["media_attributes"] = [
            {"id": remote_id, "description": medium.description or ""}
            for remote_id, medium in zip(addressed.media, attached, strict=True)
        ]
    return document


def _said(draft: StatusDraft, addressed: Addressed, limits: Limits) -> Document:
    document: Document = {"status": addressed.text, "sensitive": draft.sensitive}
    if (language := _language(draft.language, limits)) is not None:
        document["language"] = language
    if limits.content_type is not None:
        document["content_type"] = limits.content_type
    if draft.poll is not None and addressed.poll != 0:
        seconds = draft.poll.expires_in if addressed.poll is None else addressed.poll
        document["poll"] = {"options": list(draft.poll.options), "expires_in": seconds}
    return document


def _language(tag: str | None, limits: Limits) -> str | None:
    """Akkoma refuses the whole status over a tag that is not of ISO 639-1 (§3.7)."""
    if tag is None or limits.language_tags != "iso639":
        return tag
    primary = re.split("[-_]", tag)[0].lower()
    return primary if re.fullmatch("[a-z]{2}", primary) else None


def form_of(document: Mapping[str, object]) -> list[tuple[str, str]]:
    """The same as form fields; a list becomes several fields of one name with `[]`."""
    fields: list[tuple[str, str]] = []
    for name, value in document.items():
        if isinstance(value, list):
            fields += [(f"{name}[]", str(entry)) for entry in value]
        else:
            fields.append((name, str(value).lower() if isinstance(value, bool) else str(value)))
    return fields


def instant(moment: datetime) -> str:
    """RFC 3339 in UTC with milliseconds where there are some: GoToSocial's ids are made of them."""
    utc = moment.astimezone(UTC)
    precision = "milliseconds" if utc.microsecond else "seconds"
    return utc.isoformat(timespec=precision).replace("+00:00", "Z")
