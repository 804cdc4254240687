"""Descriptions in the files of other programs, and in what a spreadsheet makes of our own worklist."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bridge.errors import SourceError
from bridge.sources.alt_texts import AltTexts, Told, media_name, read_alt_texts

CSV = "tweet_id,media_index,media_key,file,url,alt_text\n"


def read(folder: Path, text: str | bytes, name: str = "descriptions") -> AltTexts:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_alt_texts(path)


def told(found: AltTexts) -> list[tuple[str, str, str | None, str | None, int | None]]:
    return [(each.post_id, each.text, each.key, each.name, each.index) for each in found.told]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_worklist_as_spreadsheets_save_it(tmp_path: Path, encoding: str, delimiter: str) -> None:
    head = delimiter.join(["Tweet_ID", "media_index", "url", "alt_text"])
    row = delimiter.join(["12", "2", "https://pbs.twimg.com/media/Abc.jpg", '"Une fenêtre,\r\n""ouverte"""'])
    found = read(tmp_path, f"{head}\r\n{row}\r\n".encode(encoding))
    assert told(found) == [("12", 'Une fenêtre,\r\n"ouverte"', None, "Abc", 2)]
    assert found.format == "csv"


def test_rows_without_a_description_are_counted(tmp_path: Path) -> None:
    found = read(tmp_path, CSV + "12,1,,,,\n13,1,,,, \n14,1,3_99,,,'=A window\n")
    assert (found.empty, told(found)) == (2, [("14", "=A window", "99", None, 1)])


def test_an_id_that_a_spreadsheet_has_rounded_is_no_id(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"row 2: '1\.5E\+18' is no tweet id") as caught:
        read(tmp_path, CSV + "1.5E+18,1,,,,A window\n")
    assert "set the column tweet_id to text" in (caught.value.hint or "")


ALT_TEXT_ORG = [
    {
        "tweet_id": "12",
        "media_key": "3_99",
        "media_url": "https://pbs.twimg.com/media/Abc.jpg",
        "alt_text": "A door",
    },
    {"tweet_id": 13, "media_key": "3_98", "media_url": None, "alt_text": ""},
]
WEB_EXPORTER = [
    {
        "id": "12",
        "full_text": "x",
        "media": [
            {
                "type": "photo",
                "original": "https://pbs.twimg.com/media/Abc?format=jpg&name=orig",
                "ext_alt_text": "A",
            },
            {"type": "photo", "original": "https://pbs.twimg.com/media/Def?format=jpg", "ext_alt_text": None},
        ],
    }
]
GALLERY_DL = {"tweet_id": 12, "num": 2, "count": 2, "filename": "Def", "content": "x", "description": "B"}
API = {
    "data": [{"id": "12", "attachments": {"media_keys": ["3_99", "3_98"]}}],
    "includes": {
        "media": [
            {"media_key": "3_98", "alt_text": "B", "url": "https://pbs.twimg.com/media/Def.jpg"},
            {"media_key": "3_99", "type": "photo"},
        ]
    },
}
TWARC_1 = {
    "id_str": "12",
    "extended_entities": {
        "media": [
            {"id_str": "99", "media_url_https": "https://pbs.twimg.com/media/Abc.jpg", "ext_alt_text": "A"}
        ]
    },
}
FLAT = {"id": "12", "attachments": {"media": [{"media_key": "3_99", "alt_text": "A"}]}}


@pytest.mark.parametrize(
    ("document", "label", "expected", "empty"),
    [
        (ALT_TEXT_ORG, "archive.alt-text.org", [("12", "A door", "99", "Abc", None)], 1),
        (WEB_EXPORTER, "twitter-web-exporter", [("12", "A", None, "Abc", 1)], 1),
        (GALLERY_DL, "gallery-dl", [("12", "B", None, "Def", 2)], 0),
        (API, "X API v2", [("12", "B", "98", "Def", 2)], 1),
        (TWARC_1, "twarc (v1.1)", [("12", "A", "99", "Abc", 1)], 0),
        (
            {"rest_id": "12", "legacy": {**TWARC_1, "id_str": None}},
            "twarc (v1.1)",
            [("12", "A", "99", "Abc", 1)],
            0,
        ),
        (FLAT, "twarc", [("12", "A", "99", None, 1)], 0),
    ],
)
def test_the_json_of_other_programs(
    tmp_path: Path, document: object, label: str, expected: list[object], empty: int
) -> None:
    found = read(tmp_path, json.dumps(document))
    assert (found.format, told(found), found.empty) == (label, expected, empty)


def test_json_lines_and_a_folder_of_files(tmp_path: Path) -> None:
    assert len(read(tmp_path, f"{json.dumps(FLAT)}\n{json.dumps(FLAT)}\n").told) == 2
    folder = tmp_path / "gallery" / "museum"
    folder.mkdir(parents=True)
    for number in (1, 2):
        (folder / f"12_{number}.jpg.json").write_text(json.dumps({**GALLERY_DL, "num": number}))
    assert [each.index for each in read_alt_texts(tmp_path / "gallery").told] == [1, 2]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a,b\n1,2\n", "no list of descriptions that is known here"),
        ('[{"colour": "red"}]', "no list of descriptions that is known here"),
        ('[{"tweet_id": 1, "alt_text": "a"}', "this is not JSON"),
        ("[" * 100_000, "this is not JSON"),
        ("", "no list of descriptions"),
        (CSV + '12,1,,,,"a\n', "line"),
    ],
)
def test_anything_else_is_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(SourceError, match=words):
        read(tmp_path, text)


@pytest.mark.parametrize("value", [None, 5, [], {}, [[]], [5], {"media": 5}, "x"])
def test_fields_of_a_wrong_type_are_nothing(tmp_path: Path, value: object) -> None:
    for known in ({**FLAT, "attachments": value}, {**API, "includes": value}, {**API, "data": value}):
        both = json.dumps([FLAT, known])
        assert (
            Told(post_id="12", text="A", key="99", index=1, place="descriptions, item 1")
            in read(tmp_path, both).told
        )


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://pbs.twimg.com/media/Abc.jpg", "Abc"),
        ("https://pbs.twimg.com/media/Abc.jpg:large", "Abc"),
        ("https://pbs.twimg.com/media/Abc?format=jpg&name=orig", "Abc"),
        ("https://video.twimg.com/tweet_video/Abc-_1.mp4?tag=12", "Abc-_1"),
        ("nothing", None),
    ],
)
def test_one_picture_has_one_name(url: str, name: str | None) -> None:
    assert media_name(url) == name
