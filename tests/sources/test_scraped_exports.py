"""What was saved from the site itself, by tools that have no API: snscrape, twint, gallery-dl, a browser."""

from __future__ import annotations

import json
from pathlib import Path

from bridge.posts import Kind, MediaType
from tests.sources import exported as saved
from tests.sources.archives import HANDLE, OWNER_ID, day, entities, film
from tests.sources.export_reading import (
    FIRST,
    PAGE,
    SECOND,
    SHORT,
    THIRD,
    lines,
    one,
    read,
    spans,
)


def test_snscrape_old_and_new_and_twscrape(tmp_path: Path) -> None:
    text = f"See {SHORT} https://t.co/media12345"
    new = saved.sns(
        FIRST,
        text,
        links=[{"url": PAGE, "tcourl": SHORT, "indices": [4, 27]}],
        media=[
            {
                "_type": "snscrape.modules.twitter.Photo",
                "fullUrl": "https://pbs.twimg.com/media/F?format=jpg&name=orig",
                "altText": "Hall",
            },
            {
                "_type": "snscrape.modules.twitter.Gif",
                "variants": [
                    {"contentType": "video/mp4", "url": "https://video.twimg.com/g.mp4", "bitrate": 0}
                ],
            },
        ],
    )
    old = saved.sns(SECOND, text, outlinks=[PAGE], tcooutlinks=[SHORT])
    old["content"] = old.pop("rawContent")
    other = saved.sns(
        THIRD,
        text,
        id_str=THIRD,
        inReplyToTweetIdStr=FIRST,
        inReplyToUser={"id": int(OWNER_ID), "username": HANDLE},
        links=[{"url": PAGE, "tcourl": SHORT}],
        media={"photos": [{"url": "https://pbs.twimg.com/media/F.jpg"}], "videos": [], "animated": []},
    )
    del other["_type"]
    found = lines(tmp_path, new, old, other).posts
    assert spans(found[FIRST]) == [
        ("link", SHORT, PAGE),
        ("media", "https://t.co/media12345", "https://t.co/media12345"),
    ]
    assert [(m.type.value, m.alt) for m in found[FIRST].media] == [("image", "Hall"), ("gifv", None)]
    assert spans(found[SECOND])[0] == ("link", SHORT, PAGE)
    assert (found[THIRD].kind, len(found[THIRD].media)) == (Kind.THREAD, 1)


def test_snscrape_retweets_and_quotes(tmp_path: Path) -> None:
    ann = {"username": "ann", "id": 77}
    other = saved.sns("4999", "whole &amp; long", user=ann)
    found = lines(
        tmp_path,
        saved.sns(FIRST, "RT @ann: whole…", retweetedTweet=other),
        saved.sns(SECOND, "mine", quotedTweet=other),
    ).posts
    assert (found[FIRST].kind, found[FIRST].text) == (Kind.RETWEET, "RT @ann: whole & long")
    assert found[SECOND].quote is not None
    assert (found[SECOND].kind, found[SECOND].quote.id) == (Kind.QUOTE, "4999")


def test_twint_knows_people_and_conversations(tmp_path: Path) -> None:
    ann = {"screen_name": "ann", "id": "77"}
    found = lines(
        tmp_path,
        saved.twint(FIRST, "one", photos=["https://pbs.twimg.com/media/F.jpg"]),
        saved.twint(SECOND, "two", conversation_id=FIRST),
        saved.twint(THIRD, "@ann three", conversation_id="5", reply_to=[ann]),
        saved.twint(
            "4999",
            "whole",
            username="ann",
            user_id=77,
            retweet=True,
            retweet_id=day(4),
            user_rt=HANDLE,
            user_rt_id=OWNER_ID,
        ),
    ).posts
    assert [found[day(n)].kind.value for n in (1, 2, 3, 4)] == ["original", "thread", "reply", "retweet"]
    assert found[SECOND].reply_to is not None
    assert (found[SECOND].reply_to.id, found[day(4)].text) == (FIRST, "RT @ann: whole")
    assert found[FIRST].media[0].url == "https://pbs.twimg.com/media/F.jpg"


def test_gallery_dl_has_a_file_for_each_medium(tmp_path: Path) -> None:
    folder = tmp_path / "gallery"
    folder.mkdir()
    for num in (2, 1):
        entry = saved.gallery(
            FIRST,
            "Two halls",
            num=num,
            count=2,
            filename=f"F{num}",
            extension="jpg",
            type="photo",
            description=f"Hall {num}",
        )
        (folder / f"{FIRST}_{num}.jpg.json").write_text(json.dumps(entry, indent=4), "utf-8")
        (folder / f"{FIRST}_{num}.jpg").write_bytes(b"picture")
    more = saved.gallery(SECOND, "more", reply_id=int(FIRST), reply_to=HANDLE)
    (folder / "reply.json").write_text(json.dumps(more), "utf-8")
    found = read(folder).posts
    assert [(m.alt, m.file, m.size) for m in found[FIRST].media] == [
        ("Hall 1", f"{FIRST}_1.jpg", 7),
        ("Hall 2", f"{FIRST}_2.jpg", 7),
    ]
    assert found[FIRST].media[0].url == "https://pbs.twimg.com/media/F1?format=jpg&name=orig"
    assert found[SECOND].kind is Kind.THREAD


def test_gallery_dl_retweets_are_those_of_the_owner(tmp_path: Path) -> None:
    ann = {"id": 77, "name": "ann", "nick": "Ann"}
    found = lines(
        tmp_path, saved.gallery(FIRST, "RT @ann: x", author=ann, retweet_id=4999), saved.gallery(SECOND, "y")
    )
    assert found.posts[FIRST].kind is Kind.RETWEET
    assert found.posts[FIRST].retweet_of is not None
    assert found.posts[FIRST].retweet_of.handle == "ann"


def test_the_web_exporter_has_ids_alt_texts_and_perhaps_the_sites_own_object(tmp_path: Path) -> None:
    media = [
        {
            "type": "photo",
            "url": SHORT,
            "original": "https://pbs.twimg.com/media/F?name=orig",
            "ext_alt_text": "Hall",
        }
    ]
    source = saved.write_list(
        tmp_path / "twitter-UserTweets.json",
        [
            saved.exporter(FIRST, "one " + SHORT, media=media),
            saved.exporter(SECOND, "two", in_reply_to=FIRST),
            saved.exporter(THIRD, "@ann three", in_reply_to="5"),
            saved.exporter(day(4), "RT @ann: four", retweeted_status="4999"),
            saved.exporter(day(5), "five", metadata=saved.graphql(day(5), "five, by the site")),
        ],
    )
    found = read(source)
    posts = found.posts
    assert [posts[day(n)].kind.value for n in range(1, 6)] == [
        "original",
        "thread",
        "reply",
        "retweet",
        "original",
    ]
    assert (posts[FIRST].media[0].alt, spans(posts[FIRST])[0][0]) == ("Hall", "media")
    assert posts[day(5)].text == "five, by the site"
    assert found.source.account == f"twitter:@{HANDLE}"


def test_films_of_twarc_have_all_variants(tmp_path: Path) -> None:
    text = "A film https://t.co/media12345"
    item = film(FIRST, text, "https://t.co/media12345")
    tweet = saved.v1(
        FIRST, text, extended_entities={"media": [item]}, entities=entities(text) | {"media": [item]}
    )
    medium = one(tmp_path, tweet).media[0]
    assert (medium.type, medium.url, len(medium.variants)) == (
        MediaType.VIDEO,
        "https://video.twimg.com/best.mp4?tag=12",
        3,
    )
