"""Uploads: what is taken, how long it takes, how long it is kept (reference: fediverse-rules §4)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from bridge.sandbox.rules.calls import Answer, Context, Upload
from bridge.sandbox.rules.documents import medium_document
from bridge.sandbox.rules.ids import IdStyle, make_id, noise
from bridge.sandbox.rules.problems import Problem
from bridge.sandbox.rules.profiles import Profile, Sweep
from bridge.sandbox.rules.state import Medium

POLLS_OF_FILMS = 2  # answers of 206 before a film is ready


def is_there(medium: Medium, now: datetime) -> bool:
    """False once the server has swept it away."""
    return medium.status_id is not None or medium.expires_at is None or now < medium.expires_at


def swept_at(profile: Profile, uploaded: datetime) -> datetime | None:
    """When an upload of that moment goes unless something holds it; None: never."""
    day = uploaded.replace(hour=0, minute=0, second=0, microsecond=0)
    if profile.sweep is Sweep.MIDNIGHT:
        return day + timedelta(days=1)
    if profile.sweep is Sweep.TWO_HOURS:
        old = uploaded + timedelta(hours=2)
        return old.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if profile.sweep is Sweep.NIGHTLY_DAY_OLD:
        old = uploaded + timedelta(days=1)
        sweep = old.replace(hour=3, minute=0, second=0, microsecond=0)
        sweep += timedelta(minutes=noise("vacuum", sweep.date()) % 180)
        return sweep if sweep > old else sweep + timedelta(days=1)
    return None


def create(ctx: Context) -> Answer:
    """POST /api/v1|v2/media."""
    ctx.allow("write:media")
    actor = ctx.actor
    index = next((i for i, upload in enumerate(ctx.call.uploads) if upload.field == "file"), None)
    if index is None or not ctx.call.uploads[index].size:
        raise Problem("file_blank")
    upload = ctx.call.uploads[index]
    _check_file(ctx.profile, upload)
    description = _description(ctx)
    synchronous = "/v1/" in ctx.call.path or not ctx.profile.async_video
    kind, mime = _taken_as(ctx.profile, upload)
    slow = kind in {"video", "audio"} and not synchronous
    medium = Medium(
        id=new_medium_id(ctx),
        account_id=actor.account.id,
        type=kind,
        mime=mime,
        size=upload.size,
        width=upload.facts.width if upload.facts else 0,
        height=upload.facts.height if upload.facts else 0,
        duration=upload.facts.duration if upload.facts else None,
        description=description,
        focus=_focus(ctx),
        created_at=ctx.now,
        expires_at=swept_at(ctx.profile, ctx.now),
        polls_left=POLLS_OF_FILMS + 1 if slow else 0,
        failed="media_failed" in ctx.meddling,
    )
    ctx.world.media[medium.id] = medium
    accepted = slow or (ctx.profile.always_accepted and "/v2/" in ctx.call.path)
    return Answer(
        status=202 if accepted else 200,
        body=medium_document(ctx, medium),
        keeps=((medium.id, index),),
    )


def show(ctx: Context, media_id: str) -> Answer:
    """GET /api/v1/media/:id: 200 ready, 206 not yet, 422 failed, 404 attached or gone."""
    medium = _own(ctx, media_id)
    if medium.status_id is not None and not ctx.profile.describes_attached:
        raise Problem("not_found")
    if medium.polls_left > 0:
        medium = replace(medium, polls_left=medium.polls_left - 1)
        ctx.world.media[media_id] = medium
    if medium.polls_left == 0 and medium.failed:
        raise Problem("media_failed")
    return Answer(status=206 if medium.polls_left else 200, body=medium_document(ctx, medium))


def update(ctx: Context, media_id: str) -> Answer:
    """PUT /api/v1/media/:id."""
    medium = _own(ctx, media_id)
    if medium.status_id is not None and not ctx.profile.describes_attached:
        raise Problem("not_found")
    if "description" in ctx.call.parameters:
        medium = replace(medium, description=_description(ctx))
    if "focus" in ctx.call.parameters:
        medium = replace(medium, focus=_focus(ctx))
    ctx.world.media[media_id] = medium
    return Answer(body=medium_document(ctx, medium))


def delete(ctx: Context, media_id: str) -> Answer:
    if not ctx.profile.media_endpoint_delete:
        raise Problem("method")
    medium = _own(ctx, media_id)
    if medium.status_id is not None:
        raise Problem("media_used")
    del ctx.world.media[media_id]
    return Answer()


def check_description(profile: Profile, description: str) -> None:
    if len(description) > profile.description_length:
        raise Problem("description", limit=profile.description_length)


def new_medium_id(ctx: Context) -> str:
    number = ctx.world.next_number("media")
    style = ctx.profile.ids
    return make_id(style if style is not IdStyle.FLAKE else IdStyle.SNOWFLAKE, ctx.now, number)


def _own(ctx: Context, media_id: str) -> Medium:
    ctx.allow("write:media", "read:media")
    medium = ctx.world.media.get(media_id)
    if medium is None or medium.account_id != ctx.actor.account.id or not is_there(medium, ctx.now):
        raise Problem("not_found")
    return medium


def _description(ctx: Context) -> str | None:
    description = ctx.call.text("description")
    if description is not None:
        check_description(ctx.profile, description)
    return description or None


def _focus(ctx: Context) -> tuple[float, float]:
    try:
        x, y = map(float, (ctx.call.text("focus") or "0,0").split(","))
    except ValueError:
        return 0.0, 0.0
    return max(-1.0, min(1.0, x)), max(-1.0, min(1.0, y))


def _taken_as(profile: Profile, upload: Upload) -> tuple[str, str]:
    facts = upload.facts
    if facts is None:
        return "image", upload.mime
    if facts.type == "gifv" and not profile.gif_becomes_film:
        return "image", facts.mime
    return facts.type, facts.mime


def _check_file(profile: Profile, upload: Upload) -> None:
    facts = upload.facts
    if facts is None:
        if profile.checks_files:
            raise Problem("file_type")
        return
    if facts.type not in profile.media_types and not (
        facts.type == "gifv" and "image" in profile.media_types
    ):
        raise Problem("file_type")
    if profile.checks_files and upload.mime.partition("/")[0] in {"image", "video", "audio"}:
        claimed, real = upload.mime.partition("/")[0], facts.mime.partition("/")[0]
        if claimed != real:
            raise Problem("file_spoofed")
    is_film = facts.type in {"video", "audio"}
    limit = profile.video_bytes if is_film else profile.image_bytes
    if upload.size >= limit:
        raise Problem("file_size", limit=limit >> 20)
    _check_pixels(profile, facts.mime, facts.width, facts.height)


def _check_pixels(profile: Profile, mime: str, width: int, height: int) -> None:
    limits = {"image/gif": (profile.gif_pixels, "gif_pixels")}
    usual = (
        (profile.video_pixels, "video_pixels")
        if mime.startswith("video/")
        else (profile.image_pixels, "image_pixels")
    )
    limit, code = limits.get(mime, usual)
    if width * height > limit:
        raise Problem(code, size=f"{width}x{height}")
