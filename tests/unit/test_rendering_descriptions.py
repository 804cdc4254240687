"""Descriptions of pictures: too long for the server, or missing."""

from __future__ import annotations

from bridge.rendering.split import words_within
from bridge.statuses import StatusRef
from tests.changes import replace
from tests.unit.test_rendering import BARE, MASTODON, codes, image, post, rendered


def test_what_the_server_has_no_room_for_in_a_description_goes_into_a_reply() -> None:
    alt = "Un chat dort. " * 5 + "Il écrit à @bob et à @ami@example.social."
    limits = replace(MASTODON, description_length=60)
    said = post("Un texte.", media=(image(1), image(2, alt=alt)))
    cut = rendered(said, limits=limits)
    assert codes(cut) == ["ALT_CUT"]
    assert cut.drafts[0].media[1].description == "Un chat dort. Un chat dort. Un chat dort. Un chat dort. …"

    first, second = rendered(said, replace(BARE, alt_too_long="reply"), limits=limits).drafts
    assert first.media == cut.drafts[0].media
    assert second.in_reply_to == StatusRef(post_id=said.id, part=1)
    assert second.text == "🖼 2: … Un chat dort. Il écrit à ＠bob et à ＠ami@example.social."
    assert codes(rendered(said, replace(BARE, alt_too_long="reply"), limits=limits)) == []


def test_a_picture_without_a_description_may_have_to_wait() -> None:
    hold = replace(BARE, alt_missing="hold")
    assert rendered(post(media=(image(1, alt=None),)), hold).hold == "alt_missing"
    assert rendered(post(media=(image(1, alt=None),))).hold is None
    assert rendered(post(media=(image(1), image(2, alt=None, file=None))), hold).hold is None


def test_descriptions_are_asked_for_and_cut_at_a_word() -> None:
    assert codes(rendered(post(media=(image(1, alt=None),)))) == ["ALT_MISSING"]
    limits = replace(MASTODON, description_length=40)
    rendering = rendered(post(media=(image(1, alt="mot " * 30),)), limits=limits)
    assert rendering.drafts[0].media[0].description == "mot mot mot mot mot mot mot mot mot…"
    assert codes(rendering) == ["ALT_CUT"]
    assert words_within("Une phrase. Et une autre qui suit.", 20) == "Une phrase. …"
