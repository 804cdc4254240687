"""What a server says of itself (reference: fediverse-rules §5)."""

from __future__ import annotations

from bridge.sandbox.rules.calls import Answer, Context
from bridge.sandbox.rules.documents import Document, media_kinds
from bridge.sandbox.rules.problems import Problem

TITLE = "Practice server"
RULES = (
    "This is a rehearsal: nothing here is seen by anyone else.",
    "Automated accounts are marked as such.",
)


def nodeinfo_links(ctx: Context) -> Answer:
    href = f"{ctx.site.base_url}/nodeinfo/2.0"
    rel = "http://nodeinfo.diaspora.software/ns/schema/2.0"
    return Answer(body={"links": [{"rel": rel, "href": href}]})


def nodeinfo(ctx: Context) -> Answer:
    profile = ctx.profile
    features = ["pleroma_api", "mastodon_api"] if profile.name == "akkoma" else []
    return Answer(
        body={
            "version": "2.0",
            "software": {"name": profile.software, "version": profile.version},
            "protocols": ["activitypub"],
            "services": {"outbound": [], "inbound": []},
            "usage": {
                "users": {"total": len(ctx.world.accounts), "activeMonth": 1, "activeHalfyear": 1},
                "localPosts": len(ctx.world.statuses),
            },
            "openRegistrations": False,
            "metadata": {"nodeName": TITLE, "features": features},
        }
    )


def oauth_metadata(ctx: Context) -> Answer:
    if not ctx.profile.oauth_metadata:
        raise Problem("no_route")
    base = ctx.site.base_url
    return Answer(
        body={
            "issuer": f"{base}/",
            "authorization_endpoint": f"{base}/oauth/authorize",
            "token_endpoint": f"{base}/oauth/token",
            "revocation_endpoint": f"{base}/oauth/revoke",
            "app_registration_endpoint": f"{base}/api/v1/apps",
            "userinfo_endpoint": f"{base}/oauth/userinfo",
            "scopes_supported": [
                "read", "read:accounts", "read:statuses", "read:search", "write", "write:accounts",
                "write:media", "write:statuses", "profile", "follow", "push",
            ],
            "response_types_supported": ["code"],
            "response_modes_supported": ["query", "fragment", "form_post"],
            "grant_types_supported": ["authorization_code", "client_credentials"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
            "code_challenge_methods_supported": ["S256"],
        }
    )  # fmt: skip


def instance_v1(ctx: Context) -> Answer:
    profile = ctx.profile
    body: Document = {
        "uri": ctx.site.domain,
        "title": TITLE,
        "short_description": "A rehearsal on this machine.",
        "description": "",
        "email": "",
        "version": profile.announced,
        "urls": {"streaming_api": ctx.site.base_url.replace("http", "ws", 1)},
        "stats": _stats(ctx),
        "thumbnail": None,
        "languages": ["en"],
        "registrations": False,
        "approval_required": False,
        "invites_enabled": False,
        "configuration": _configuration(ctx, v2=False),
        "contact_account": None,
        "rules": _rules(),
    }
    if profile.name == "akkoma":
        del body["configuration"]
        body |= {
            "max_toot_chars": profile.max_characters,
            "upload_limit": profile.image_bytes,
            "description_limit": profile.description_length,
            "poll_limits": {"max_options": profile.poll_options, "max_option_chars": 200},
            "pleroma": {"metadata": {"features": ["pleroma_api"], "post_formats": ["text/plain"]}},
        }
    if profile.name == "gotosocial":
        body |= {"max_toot_chars": profile.max_characters, "account_domain": ctx.site.domain}
    return Answer(body=body)


def instance_v2(ctx: Context) -> Answer:
    profile = ctx.profile
    if not profile.instance_v2:
        raise Problem("no_route")
    body: Document = {
        "domain": ctx.site.domain,
        "title": TITLE,
        "version": profile.announced,
        "source_url": "",
        "description": "A rehearsal on this machine.",
        "usage": {"users": {"active_month": 1}},
        "thumbnail": {"url": f"{ctx.site.base_url}/practice/avatar.png"},
        "icon": [],
        "languages": ["en"],
        "configuration": _configuration(ctx, v2=True),
        "registrations": {"enabled": False, "approval_required": False, "message": None},
        "contact": {"email": "", "account": None},
        "rules": _rules(),
    }
    if profile.api_versions is not None:
        versions: Document = {"mastodon": profile.api_versions}
        body["api_versions"] = versions | ({"glitch": 1} if profile.name == "glitch" else {})
    return Answer(body=body)


def rules(_ctx: Context) -> Answer:
    return Answer(body=_rules())


def _rules() -> list[Document]:
    return [{"id": str(i), "text": text, "hint": ""} for i, text in enumerate(RULES, 1)]


def _stats(ctx: Context) -> Document:
    return {
        "user_count": len(ctx.world.accounts),
        "status_count": len(ctx.world.statuses),
        "domain_count": 1,
    }


def _configuration(ctx: Context, *, v2: bool) -> Document:
    profile = ctx.profile
    statuses: Document = {
        "max_characters": profile.max_characters,
        "max_media_attachments": profile.announces_media,
        "characters_reserved_per_url": profile.announces_url_length,
    }
    if profile.name in {"gotosocial", "glitch"}:
        statuses["supported_mime_types"] = ["text/plain", "text/markdown"]
    media: Document = {
        "supported_mime_types": media_kinds(profile),
        "image_size_limit": profile.image_bytes,
        "image_matrix_limit": profile.image_pixels,
        "video_size_limit": profile.video_bytes,
        "video_frame_rate_limit": 120,
        "video_matrix_limit": profile.video_pixels,
    }
    if v2 or profile.name == "gotosocial":
        media["description_limit"] = profile.description_length
    return {
        "accounts": {"max_featured_tags": 10, "max_pinned_statuses": 5},
        "statuses": statuses,
        "media_attachments": media,
        "polls": {
            "max_options": profile.poll_options,
            "max_characters_per_option": profile.poll_option_length,
            "min_expiration": 300,
            "max_expiration": 2_629_746,
        },
    }
