"""From a post to its statuses: parts, media, dates, languages, warnings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from bridge.fitting import CannotFit, Facts, Fate, Picture, Recipe, Strip, TooBig, Wanted
from bridge.posts import Audience, Author, Kind, Media, MediaType, Post, Precision, Span, SpanKind
from bridge.rendering import Context, RenderOptions, render
from bridge.rendering.dates import instant, stamp
from bridge.rendering.entities import mention_matches
from bridge.rendering.languages import language_tag
from bridge.statuses import Counting, Limits, Rendering, StatusRef, Visibility
from tests.changes import replace
from tests.strategies import snowflake

MASTODON = Limits(software="mastodon", counting=Counting.MASTODON)
BARE = RenderOptions(date_stamp="none", numbering="none")
AT = datetime(2014, 3, 12, 23, 30, tzinfo=UTC)


def post(text: str = "Un texte.", **more: object) -> Post:
    base = Post(
        source="twitter:1001",
        id="443891234567890123",
        author=Author(id="1001", handle="musee"),
        created_at=AT,
        text=text,
        kind=Kind.ORIGINAL,
        language="fr",
    )
    return replace(base, **more)


def rendered(said: Post, options: RenderOptions = BARE, **more: object) -> Rendering:
    return render(said, Context(**{"limits": MASTODON, "options": options, **more}))


def texts(said: Post, options: RenderOptions = BARE, **more: object) -> list[str]:
    return [draft.text for draft in rendered(said, options, **more).drafts]


def codes(rendering: Rendering) -> list[str]:
    return [warning.code for warning in rendering.warnings]


def image(number: int, **more: object) -> Media:
    return replace(Media(type=MediaType.IMAGE, file=f"{number}.jpg", alt="Une statue", size=10), **more)


SMALL = replace(MASTODON, max_characters=100)


def test_a_text_that_fits_is_one_status() -> None:
    (draft,) = rendered(post(), RenderOptions()).drafts
    assert draft.text == "Un texte.\n\nPublié à l’origine le 12 mars 2014 sur Twitter"
    assert (draft.part, draft.parts, draft.length) == (1, 1, len(draft.text))
    assert (draft.visibility, draft.language, draft.backdate) == (Visibility.UNLISTED, "fr", None)


def test_a_long_text_is_cut_at_a_paragraph_then_a_sentence_then_a_word() -> None:
    paragraph = "Premier paragraphe assez long pour une part à lui seul."
    said = f"{paragraph}\n\n{'mot ' * 13}fin. {'autre ' * 9}fin! {'w' * 40} {'x' * 70}"
    assert texts(post(said), limits=SMALL) == [
        paragraph,
        f"{'mot ' * 13}fin.",
        f"{'autre ' * 9}fin!",
        "w" * 40,
        "x" * 70,
    ]


def test_parts_are_numbered_and_answer_one_another() -> None:
    drafts = render(
        post("Une phrase. " * 16),
        Context(limits=SMALL, options=RenderOptions(locale="fr")),
        in_reply_to=StatusRef(post_id="1", part=2),
    ).drafts
    assert [draft.text.partition(" (")[2][:4] for draft in drafts] == ["1/3)", "2/3)", "3/3)"]
    assert [draft.in_reply_to for draft in drafts] == [
        StatusRef(post_id="1", part=2),
        StatusRef(post_id="443891234567890123", part=1),
        StatusRef(post_id="443891234567890123", part=2),
    ]
    assert drafts[2].text.endswith("phrase. (3/3)\n\nPublié à l’origine le 12 mars 2014 sur Twitter")


def test_more_than_nine_parts_need_more_room_for_their_numbers() -> None:
    drafts = rendered(post("mot " * 500), RenderOptions(date_stamp="none"), limits=SMALL).drafts
    assert len(drafts) > 20
    assert all(draft.text.endswith(f"({draft.part}/{len(drafts)})") for draft in drafts)
    assert max(draft.length for draft in drafts) <= 100


def test_a_date_does_not_stand_alone_when_only_it_does_not_fit() -> None:
    said = "mot " * 24 + "fin"
    first, second = texts(post(said), RenderOptions(numbering="none"), limits=SMALL)
    assert first + " " + second.split("\n\n")[0] == said
    assert second.endswith("Publié à l’origine le 12 mars 2014 sur Twitter")


@pytest.mark.parametrize("whole", ["https://ex.org/" + "a/" * 30, "#" + "Musée" * 12, "🇫🇷" * 30])
def test_what_is_one_to_a_reader_is_not_cut(whole: str) -> None:
    limits = replace(SMALL, counting=Counting.CODE_POINTS)
    parts = texts(post("mot " * 20 + whole), limits=limits)
    assert parts[-1] == whole


@pytest.mark.parametrize("before", range(88, 101, 3))
@pytest.mark.parametrize(
    "whole", ["#美術館の展覧会", "https://ex.org/tenrankai", "👩‍👩‍👧‍👦", "@ami@twitter.com"]
)
@pytest.mark.parametrize("counting", Counting)
def test_nor_is_it_where_no_space_helps(before: int, whole: str, counting: Counting) -> None:
    said = "あ" * (before - 1) + "、" + whole + " " + "い" * 80
    parts = texts(post(said), limits=replace(SMALL, counting=counting))
    assert sum(part.count(whole) for part in parts) == 1


@pytest.mark.parametrize("before", range(95, 101))
@pytest.mark.parametrize("sign", ["@", "/@", "=@", "#", "@@"])
def test_no_cut_makes_a_mention_or_a_tag(before: int, sign: str) -> None:
    for part in texts(post("x" * before + sign + "ami" + "y" * 90), limits=SMALL):
        assert not part.startswith(("@", "#"))
        assert not list(mention_matches(part))


def test_a_word_longer_than_a_status_is_cut_by_graphemes() -> None:
    parts = texts(post("👩‍👩‍👧‍👦" * 250), limits=SMALL)
    assert [part.count("👩‍👩‍👧‍👦") for part in parts] == [100, 100, 50]
    assert len(texts(post("x" * 10_000), limits=SMALL)) == 100


def test_a_link_longer_than_a_status_is_cut_rather_than_lost() -> None:
    in_full = replace(SMALL, counting=Counting.CODE_POINTS)
    url = "https://ex.org/" + "a" * 150
    rendering = rendered(post(url), limits=in_full)
    assert "".join(draft.text for draft in rendering.drafts) == url
    assert codes(rendering) == ["TOO_LONG_SPLIT", "LINK_SPLIT"]


def test_a_link_that_just_fits_goes_without_a_number() -> None:
    in_full = replace(SMALL, counting=Counting.CODE_POINTS)
    url = "https://ex.org/" + "a" * 85
    assert texts(post("Voir " + url), replace(BARE, numbering="auto"), limits=in_full) == ["Voir", url]


def test_a_note_is_cut_short_with_a_link_to_the_rest() -> None:
    rendering = rendered(post("Une phrase assez longue. " * 8), replace(BARE, too_long="note"), limits=SMALL)
    (draft,) = rendering.drafts
    link = "https://twitter.com/musee/status/443891234567890123"
    assert draft.text == f"{'Une phrase assez longue. ' * 2}…\n\n{link}"
    assert draft.length <= 100
    assert codes(rendering) == ["TEXT_CUT"]


def test_a_long_text_may_be_skipped() -> None:
    rendering = rendered(post("mot " * 100), replace(BARE, too_long="skip"), limits=SMALL)
    assert (rendering.drafts, rendering.skip) == ((), "too_long")
    assert rendered(post(), replace(BARE, too_long="skip")).skip is None


def test_more_media_than_a_status_takes_go_into_answers() -> None:
    said = post("Six photos", media=tuple(image(n) for n in range(6)))
    drafts = rendered(said, replace(BARE, numbering="auto")).drafts
    assert [(d.text, [ref.position for ref in d.media]) for d in drafts] == [
        ("Six photos (1/2)", [0, 1, 2, 3]),
        ("(2/2)", [4, 5]),
    ]
    assert texts(said) == ["Six photos", ""]


def test_a_film_stands_alone_where_kinds_must_not_mix() -> None:
    film = Media(type=MediaType.VIDEO, file="v.mp4", size=10)
    said = post("Mêlés", media=(image(1), film, image(2), image(3)))
    assert [[ref.position for ref in d.media] for d in rendered(said).drafts] == [[0], [1], [2, 3]]
    mixing = replace(MASTODON, mixes_media=True)
    assert [[ref.position for ref in d.media] for d in rendered(said, limits=mixing).drafts] == [[0, 1, 2, 3]]


def test_a_missing_file_is_shown_and_told_but_makes_no_status() -> None:
    said = post("Texte", media=(image(1, file=None, url="https://pbs.twimg.com/media/a.jpg"),))
    rendering = rendered(said)
    assert [(ref.file, ref.url) for ref in rendering.drafts[0].media] == [
        (None, "https://pbs.twimg.com/media/a.jpg")
    ]
    assert codes(rendering) == ["MEDIA_MISSING"]
    alone = rendered(replace(said, text=""))
    assert (alone.drafts, alone.skip, codes(alone)) == ((), "empty", ["MEDIA_MISSING"])
    five = post("Texte", media=(*(image(n) for n in range(4)), image(4, file=None)))
    assert len(rendered(five).drafts) == 1


HUGE = Facts(mime_type="image/jpeg", size=30_000_000, width=9000, height=6000)


def spoilt(recipe: Recipe, *positions: int) -> Callable[[int, Media], Fate | None]:
    return lambda at, _: (
        Fate(position=at, file="m/1.jpg", recipe=recipe, facts=HUGE) if at in positions else None
    )


@pytest.mark.parametrize(
    ("policy", "sent", "hold", "linked"),
    [
        ("fit", [0, 1], "media", False),
        ("hold", [0, 1], "media", False),
        ("link", [1], None, True),
        ("skip", [1], None, False),
    ],
)
def test_what_cannot_be_made_to_fit_follows_the_policy(
    policy: TooBig, sent: list[int], hold: str | None, linked: bool
) -> None:
    fate = spoilt(CannotFit(reason="is too much"), 0)
    rendering = rendered(post(media=(image(1), image(2))), wanted=Wanted(too_big=policy), fate=fate)
    assert [ref.position for ref in rendering.drafts[0].media] == sent
    assert (codes(rendering), rendering.hold) == (["MEDIA_TOO_BIG"], hold)
    assert rendering.drafts[0].text.endswith("status/443891234567890123") is linked
    alone = rendered(post("", media=(image(1),)), wanted=Wanted(too_big=policy), fate=fate)
    assert (alone.skip, alone.hold) == (None if policy != "skip" else "empty", hold)


@pytest.mark.parametrize(("policy", "code"), [("fit", "MEDIA_FITTED"), ("skip", "MEDIA_TOO_BIG")])
def test_what_can_be_made_to_fit_is_told_with_its_sizes(policy: TooBig, code: str) -> None:
    fate = spoilt(Picture(formats=("JPEG",), pixels=10_000_000, bytes=8_000_000), 0)
    rendering = rendered(post(media=(image(1), image(2))), wanted=Wanted(too_big=policy), fate=fate)
    assert codes(rendering) == [code]
    assert len(rendering.drafts[0].media) == (2 if policy == "fit" else 1)
    (change,) = rendering.changes
    assert (change.what, change.before, change.after) == ("picture", 30_000_000, None)
    assert change.detail == "1.jpg: 9000x6000, 30.0 MB -> 3872x2581 or smaller, less than 8.0 MB"


def test_metadata_go_without_a_word_whatever_the_policy() -> None:
    rendering = rendered(post(media=(image(1),)), wanted=Wanted(too_big="skip"), fate=spoilt(Strip(), 0))
    assert (codes(rendering), len(rendering.drafts[0].media)) == ([], 1)
    assert rendering.changes[0].detail.endswith("the same without metadata")


def test_a_server_of_pictures_wants_pictures() -> None:
    pixelfed = replace(MASTODON, needs_media=True, max_characters=100)
    assert rendered(post(), limits=pixelfed).skip == "needs_media"
    (draft,) = rendered(post("mot " * 60, media=(image(1),)), limits=pixelfed).drafts
    assert draft.length <= 100


@pytest.mark.parametrize(
    ("dating", "locale", "text"),
    [
        ("suffix", "fr", "Un texte.\n\nPublié à l’origine le 12 mars 2014 sur Twitter"),
        ("prefix", "en", "Originally posted on 12 March 2014 on Twitter\n\nUn texte."),
        ("auto", "en-US", "Un texte.\n\nOriginally posted on March 12, 2014 on Twitter"),
        ("auto", "de", "Un texte.\n\nUrsprünglich am 12. März 2014 auf Twitter veröffentlicht"),
        ("auto", "ja", "Un texte.\n\n2014年3月12日にTwitterへ投稿"),
        ("auto", "zh-TW", "Un texte.\n\n最初於2014年3月12日發佈在 Twitter"),
        ("auto", "cy", "Un texte.\n\n(12 Mawrth 2014)"),
        ("auto", "xx-nonsense", "Un texte.\n\nOriginally posted on 12 March 2014 on Twitter"),
        ("none", "fr", "Un texte."),
    ],
)
def test_the_date_is_told_in_the_readers_language(dating: str, locale: str, text: str) -> None:
    assert texts(post(), RenderOptions(date_stamp=dating, locale=locale)) == [text]


def test_the_language_of_the_post_is_that_of_its_date() -> None:
    assert stamp(post(), "es", RenderOptions()) == "Publicado originalmente el 12 de marzo de 2014 en Twitter"
    assert stamp(post(source="rss:x"), "es", RenderOptions()) == "(12 de marzo de 2014)"


def test_the_day_depends_on_where_the_reader_is_unless_only_the_day_is_known() -> None:
    east = RenderOptions(timezone=timezone(timedelta(hours=2)), locale="fr")
    assert "13 mars" in stamp(post(), None, east)
    midnight = post(precision=Precision.DAY, created_at=AT.replace(hour=0))
    west = RenderOptions(timezone=timezone(timedelta(hours=-5)), locale="fr")
    assert "12 mars" in stamp(midnight, None, west)


@pytest.mark.parametrize(
    ("day", "language", "date"),
    [
        (datetime(2021, 2, 1, tzinfo=UTC), "fr", "le 1er février 2021"),
        (datetime(2021, 2, 11, tzinfo=UTC), "fr-CA", "le 11 février 2021"),
        (datetime(2021, 2, 1, tzinfo=UTC), "de", "am 1. Februar 2021"),
    ],
)
def test_the_first_of_a_month_is_an_ordinal_in_french(day: datetime, language: str, date: str) -> None:
    assert date in stamp(post(created_at=day), language, RenderOptions())


def test_a_new_post_and_a_backdated_one_bear_no_date() -> None:
    assert texts(post(), RenderOptions(), live=True) == ["Un texte."]
    gotosocial = Limits(backdates=True, max_characters=5000)
    assert texts(post(), RenderOptions(), limits=gotosocial) == ["Un texte."]


def test_each_backdated_part_has_its_own_millisecond() -> None:
    gotosocial = replace(SMALL, backdates=True)
    born = datetime(2014, 3, 12, 23, 8, 50, 612_000, tzinfo=UTC)
    said = post("mot " * 60, id=snowflake(born), created_at=born.replace(microsecond=0))
    drafts = rendered(said, limits=gotosocial).drafts
    assert [draft.backdate for draft in drafts] == [
        born.replace(microsecond=612_000 + 1000 * part) for part in range(len(drafts))
    ]
    assert rendered(said, limits=gotosocial, live=True).drafts[0].backdate is None


@pytest.mark.parametrize("precision", [Precision.DAY, Precision.SECOND])
def test_posts_from_before_the_snowflakes_keep_their_order(precision: Precision) -> None:
    day = datetime(2009, 5, 1, tzinfo=UTC)
    older, newer = (
        post(id=str(n), created_at=day, precision=precision) for n in (1_670_000_000, 1_670_000_640)
    )
    assert day <= instant(older, 1) < instant(newer, 1) < day + timedelta(days=1)


@pytest.mark.parametrize(
    ("tag", "accepted", "becomes"),
    [
        ("fr", "any", "fr"), ("in", "any", "id"), ("iw", "any", "he"), (None, "any", None), ("", "any", None),
        ("und", "any", None), ("zxx", "any", None), ("qme", "any", None), ("art", "any", None),
        ("zh-tw", "any", "zh-TW"), ("pt-BR", "iso639", "pt"), ("ckb", "iso639", None),
        ("ckb", "bcp47", "ckb"), ("zh-hant-hk", "bcp47", "zh-Hant-HK"), ("not a tag", "bcp47", None),
    ],
)  # fmt: skip
def test_language_tags_are_those_the_server_knows(
    tag: str | None, accepted: str, becomes: str | None
) -> None:
    assert language_tag(tag, accepted) == becomes


@pytest.mark.parametrize(
    ("keyword", "text", "found"),
    [
        ("戦争", "太平洋戦争展を開催します", True),
        ("ネタバレ", "映画のネタバレー注意", True),
        ("战争", "关于战争的展览", True),
        ("NSFW", "這是NSFW內容", True),
        ("สงคราม", "พิพิธภัณฑ์สงครามโลก", True),
        ("전쟁", "전쟁은 끝났다", True),
        ("戦争", "展覧会を開催します", False),
        ("war", "warm, postwar", False),
        ("sang", "le sanglier exsangue", False),
        ("война", "войнами", False),
    ],
)
def test_a_keyword_is_a_whole_word_where_words_are_told_apart(keyword: str, text: str, found: bool) -> None:
    options = replace(BARE, content_warnings=((keyword, "warned"),))
    (draft,) = rendered(post(text), options).drafts
    assert draft.spoiler_text == ("warned" if found else "")


def test_a_keyword_puts_a_warning_before_the_post() -> None:
    options = replace(BARE, content_warnings=(("guerre", "guerre"), ("sang", "sang"), ("#x", "guerre")))
    (draft,) = rendered(post("La Guerre, #x et le sanglier"), options).drafts
    assert (draft.spoiler_text, draft.sensitive) == ("guerre", True)
    assert draft.length == len(draft.text) + len("guerre")
    both = rendered(post("guerre et sang", spoiler="Attention"), options).drafts[0]
    assert both.spoiler_text == "Attention, guerre, sang"
    assert rendered(post("rien", sensitive=True), options).drafts[0].sensitive


def test_a_warning_leaves_room_for_the_text() -> None:
    rendering = rendered(post("mot " * 30, spoiler="attention " * 30), limits=SMALL)
    assert codes(rendering) == ["SPOILER_CUT", "TOO_LONG_SPLIT"]
    assert all(len(d.spoiler_text) <= 50 and d.length <= 100 for d in rendering.drafts)


def test_what_was_for_a_few_is_for_followers_only() -> None:
    rendering = rendered(post(audience=Audience.CIRCLE), replace(BARE, visibility=Visibility.PUBLIC))
    assert rendering.drafts[0].visibility is Visibility.PRIVATE
    assert codes(rendering) == ["CIRCLE"]
    assert codes(rendered(post(audience=Audience.DELETED))) == ["DELETED"]


def test_own_links_are_found_again_in_the_part_they_are_in() -> None:
    url = "https://twitter.com/musee/status/42"
    said = "mot " * 24 + "https://t.co/a"
    start = said.index("https")
    linked = Span(start=start, end=len(said), kind=SpanKind.LINK, target=url, post_id="42")
    for options in (BARE, replace(BARE, date_stamp="prefix")):
        drafts = rendered(
            post(said, spans=(linked,)), options, limits=SMALL, own=lambda _: StatusRef(post_id="42")
        ).drafts
        (link,) = drafts[-1].own_links
        assert drafts[-1].text[link.start : link.end] == url
        assert all(not draft.own_links for draft in drafts[:-1])
