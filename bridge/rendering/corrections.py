"""What is said under a status whose post was edited, where the status itself is not to be."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from bridge.posts import Post
from bridge.rendering import render, wording
from bridge.rendering.options import Context, Overlay
from bridge.statuses import StatusDraft, StatusRef, Visibility

_LABELS = {
    "ar": "تصحيح:", "ca": "Correcció:", "cs": "Oprava:", "da": "Rettelse:", "de": "Korrektur:",
    "en": "Correction:", "es": "Corrección:", "eu": "Zuzenketa:", "fi": "Korjaus:",
    "fr": "Rectificatif\u00a0:", "gl": "Corrección:", "he": "תיקון:", "hu": "Javítás:", "id": "Ralat:",
    "it": "Correzione:", "ja": "訂正：", "ko": "정정:", "nb": "Rettelse:", "nl": "Correctie:",
    "pl": "Sprostowanie:", "pt": "Correção:", "ro": "Corectură:", "ru": "Исправление:", "sv": "Rättelse:",
    "tr": "Düzeltme:", "uk": "Виправлення:", "zh": "更正：",
}  # fmt: skip
_SAME = {"no": "nb", "nn": "nb", "in": "id", "iw": "he"}
_WIDTH = (Visibility.PRIVATE, Visibility.UNLISTED, Visibility.PUBLIC)


def correction(
    post: Post, context: Context, under: StatusDraft, *, part: int, locale: str | None
) -> StatusDraft | None:
    """An answer to `under` with the whole text of today; None where the server takes no such status.

    It mentions nobody, is seen by no more people than what it corrects, and is one status, however long.
    """
    options = replace(context.options, notify=False, date_stamp="none", too_long="note")
    context = replace(context, options=options, live=True)
    known = context.overlay(post.id) or Overlay()
    wide = min(known.visibility or options.visibility, under.visibility, key=_WIDTH.index)
    text = f"{label(locale or post.language)} {wording(post, context)}"
    said = replace(known, text=text, base=None, visibility=wide)
    bare = msgspec.structs.replace(post, media=(), poll=None, quote=None)
    answered = StatusRef(post_id=under.post_id, part=under.part)
    rendering = render(bare, replace(context, overlay=lambda _: said), in_reply_to=answered)
    return replace(rendering.drafts[0], part=part, parts=1) if rendering.drafts else None


def label(tag: str | None) -> str:
    language = (tag or "en").replace("_", "-").partition("-")[0].lower()
    return _LABELS.get(_SAME.get(language, language), _LABELS["en"])
