"""The objects of the archives as they lie in the files, only the fields that matter.

Y archives (2018-) write every number as a string, G archives (2012-2019) as a number; both decode here, for
the decoders are lax. Reference for the fields: the tables of the G and Y tweet objects in docs/.
"""

from __future__ import annotations

from typing import cast

import msgspec


class Url(msgspec.Struct, gc=False):
    url: str | None = None
    expanded_url: str | None = None
    indices: list[int] = []


class Mention(msgspec.Struct, gc=False):
    screen_name: str | None = None
    id_str: str | None = None
    indices: list[int] = []


class Tag(msgspec.Struct, gc=False):
    text: str | None = None
    indices: list[int] = []


class Dimensions(msgspec.Struct, gc=False):
    w: int = 0
    h: int = 0


class Sizes(msgspec.Struct, gc=False):
    large: Dimensions | None = None


class VariantWire(msgspec.Struct, gc=False):
    url: str | None = None
    content_type: str | None = None
    bitrate: int | None = None


class VideoInfo(msgspec.Struct, gc=False):
    duration_millis: int | None = None
    variants: list[VariantWire] = []


class MediaWire(msgspec.Struct, gc=False):
    id_str: str | None = None
    url: str | None = None
    expanded_url: str | None = None
    media_url: str | None = None
    media_url_https: str | None = None
    type: str | None = None
    indices: list[int] = []
    sizes: Sizes | list[Dimensions] | None = None
    video_info: VideoInfo | None = None
    media_alt: str | None = None
    ext_alt_text: str | None = None
    source_status_id_str: str | None = None


class Entities(msgspec.Struct, gc=False):
    urls: list[Url] = []
    user_mentions: list[Mention] = []
    hashtags: list[Tag] = []
    symbols: list[Tag] = []
    media: list[MediaWire] = []


class MediaList(msgspec.Struct, gc=False):
    media: list[MediaWire] = []


class Point(msgspec.Struct, gc=False):
    coordinates: list[float] = []


class PlaceWire(msgspec.Struct, gc=False):
    full_name: str | None = None


class User(msgspec.Struct, gc=False):
    id_str: str | None = None
    screen_name: str | None = None
    name: str | None = None


class EditControl(msgspec.Struct, gc=False, rename="camel"):
    edit_tweet_ids: list[str] = []


class EditVersion(msgspec.Struct, gc=False, rename="camel"):
    edit_control_initial: EditControl | None = None


class EditInfo(msgspec.Struct, gc=False):
    initial: EditControl | None = None
    edit: EditVersion | None = None


class Tweet(msgspec.Struct, gc=False):
    id_str: str | None = None
    id: str | int | float | None = None
    created_at: str | None = None
    full_text: str | None = None
    text: str | None = None
    source: str | None = None
    lang: str | None = None
    truncated: bool | None = None
    entities: Entities | None = None
    extended_entities: MediaList | None = None
    in_reply_to_status_id_str: str | None = None
    in_reply_to_user_id_str: str | None = None
    in_reply_to_screen_name: str | None = None
    favorite_count: int | None = None
    retweet_count: int | None = None
    possibly_sensitive: bool | None = None
    geo: Point | None = None
    place: PlaceWire | None = None
    edit_info: EditInfo | None = None
    community_id_str: str | None = None
    retweeted_status: Tweet | None = None
    user: User | None = None


class Record(Tweet, gc=False):
    """An item of any tweets file: wrapped as `{"tweet": {...}}` since about November 2019, bare before."""

    tweet: Tweet | None = None


class ApiRecord(Record):
    """An item of a month file: an updater may have taken it from the API, where the range has a meaning."""

    display_text_range: list[int] | None = None


class IdOnly(msgspec.Struct, gc=False):
    """The quick look at the same items: `tweet_id` is the name in the header files."""

    tweet: IdOnly | None = None
    id_str: str | None = None
    tweet_id: str | None = None
    user_id: str | None = None


class NoteUrl(msgspec.Struct, gc=False, rename="camel"):
    short_url: str | None = None
    expanded_url: str | None = None
    from_index: int = -1
    to_index: int = -1


class NoteMention(msgspec.Struct, gc=False, rename="camel"):
    screen_name: str | None = None
    from_index: int = -1
    to_index: int = -1


class NoteTag(msgspec.Struct, gc=False, rename="camel"):
    text: str | None = None
    from_index: int = -1
    to_index: int = -1


class NoteCore(msgspec.Struct, gc=False):
    text: str | None = None
    urls: list[NoteUrl] = []
    mentions: list[NoteMention] = []
    hashtags: list[NoteTag] = []
    cashtags: list[NoteTag] = []


class Note(msgspec.Struct, gc=False, rename="camel"):
    note_tweet_id: str | None = None
    core: NoteCore | None = None


class NoteRecord(msgspec.Struct, gc=False, rename="camel"):
    note_tweet: Note | None = None


class UserInfo(msgspec.Struct, gc=False, rename="camel"):
    account_id: str | None = None
    user_name: str | None = None
    display_name: str | None = None


class ArchiveInfo(msgspec.Struct, gc=False, rename="camel"):
    generation_date: str | None = None
    is_partial_archive: bool | None = None


class FileEntry(msgspec.Struct, gc=False, rename="camel"):
    file_name: str | None = None
    count: int | None = None


class DataType(msgspec.Struct, gc=False):
    files: list[FileEntry] = []


class Manifest(msgspec.Struct, gc=False, rename="camel"):
    user_info: UserInfo | None = None
    archive_info: ArchiveInfo | None = None
    data_types: dict[str, DataType] = {}


class Account(msgspec.Struct, gc=False, rename="camel"):
    account_id: str | None = None
    username: str | None = None
    account_display_name: str | None = None


class AccountRecord(msgspec.Struct, gc=False):
    account: Account | None = None


class Description(msgspec.Struct, gc=False):
    bio: str | None = None
    website: str | None = None
    location: str | None = None


class ProfileDetails(msgspec.Struct, rename="camel", gc=False):
    description: Description | None = None
    avatar_media_url: str | None = None
    header_media_url: str | None = None


class ProfileRecord(msgspec.Struct, gc=False):
    profile: ProfileDetails | None = None


class UserDetails(msgspec.Struct, gc=False):
    id: str | int | None = None
    id_str: str | None = None
    screen_name: str | None = None
    full_name: str | None = None
    bio: str | None = None
    url: str | None = None
    location: str | None = None


class PayloadDetails(msgspec.Struct, gc=False):
    tweets: int | None = None
    created_at: str | None = None


class MonthEntry(msgspec.Struct, gc=False):
    file_name: str | None = None
    tweet_count: int | None = None


RECORDS = msgspec.json.Decoder(Record, strict=False)
MONTHS = cast("msgspec.json.Decoder[Record]", msgspec.json.Decoder(ApiRecord, strict=False))
IDS = msgspec.json.Decoder(IdOnly, strict=False)
NOTES = msgspec.json.Decoder(NoteRecord, strict=False)
