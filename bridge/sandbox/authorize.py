"""The page on which an owner lets an application in."""

from __future__ import annotations

from bridge.sandbox.rules import oauth
from bridge.sandbox.rules.calls import HTML, Answer, Context
from bridge.sandbox.rules.documents import problem_page
from bridge.sandbox.rules.problems import Problem
from bridge.sandbox.templating import headers, render

ASKED = (
    "client_id", "redirect_uri", "response_type", "scope", "state", "code_challenge", "code_challenge_method",
)  # fmt: skip


def authorize(ctx: Context) -> Answer:
    """GET shows the form; POST approves or denies. Out of band the code is shown on a page."""
    try:
        request = oauth.asked(ctx)
    except Problem:
        page = problem_page("An error has occurred", "The authorisation request is not valid.")
        return Answer(status=400, body=page, content_type=HTML, headers=headers())
    origin = ctx.call.headers.get("origin")
    if ctx.call.method == "GET":
        return _form(ctx, request)
    if origin not in (None, "null", ctx.site.base_url):
        return Answer(status=403, body=problem_page("Forbidden", "Not from another site."), content_type=HTML)
    if ctx.call.text("decision") == "deny":
        return _away(oauth.back(request, error="access_denied"))
    names = ctx.world.indexes.names
    account_id = names.get((ctx.call.text("username") or "").lower()) or next(iter(names.values()))
    grant = oauth.grant(ctx, request, account_id)
    if request.redirect_uri == oauth.OUT_OF_BAND:
        return Answer(body=render("code.html", code=grant.code), content_type=HTML, headers=headers())
    return _away(oauth.back(request, code=grant.code))


def _form(ctx: Context, request: oauth.Request) -> Answer:
    hidden = [(name, value) for name in ASKED if (value := ctx.call.text(name)) is not None]
    body = render(
        "authorize.html",
        app=request.app,
        scopes=request.scopes,
        hidden=hidden,
        accounts=list(ctx.world.accounts.values()),
        domain=ctx.site.domain,
    )
    return Answer(body=body, content_type=HTML, headers=headers(form=request.redirect_uri))


def _away(address: str) -> Answer:
    return Answer(status=302, body=b"", content_type=HTML, headers=(("Location", address),))
