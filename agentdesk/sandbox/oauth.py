"""`/oauth/authorize` and `/oauth/token`: a page to choose an agent on, and tokens for codes and secrets."""

from base64 import b64decode
from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from agentdesk.sandbox.access import BadClient, BadGrant, Issued
from agentdesk.sandbox.api import SANDBOX
from agentdesk.sandbox.sandbox import Sandbox

PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in to the sandbox</title>
<style>body{{font:16px/1.5 sans-serif;max-width:32rem;margin:3rem auto;padding:0 1rem}}
button{{font:inherit;display:block;width:100%;margin:.5rem 0;padding:.6rem;text-align:left}}</style>
<h1>Who are you?</h1><p>A sandbox asks for no password. Choose an agent.</p>
<form method="post" action="/oauth/authorize">{kept}{agents}</form></html>"""
ASKED = ("client_id", "redirect_uri", "code_challenge", "code_challenge_method", "state")


def add_oauth(app: web.Application) -> None:
    """Route both."""
    app.router.add_get("/oauth/authorize", choose)
    app.router.add_post("/oauth/authorize", agree)
    app.router.add_post("/oauth/token", token)


def _check(sandbox: Sandbox, asked: Mapping[str, str]) -> None:
    sandbox.access.check_redirect(asked.get("client_id", ""), asked.get("redirect_uri", ""))
    if asked.get("code_challenge_method") != "S256":
        raise BadGrant("The code challenge method must be S256.")


async def choose(request: web.Request) -> web.Response:
    """The page of agents."""
    sandbox = request.app[SANDBOX]
    _check(sandbox, request.query)
    if request.query.get("response_type") != "code":
        raise BadGrant("The response type must be code.")
    kept = "".join(
        f'<input type="hidden" name="{name}" value="{escape(request.query.get(name, ""))}">'
        for name in ASKED
    )
    agents = "".join(
        f'<button name="agent" value="{escape(a.id)}">{escape(a.name)} · {escape(a.email)}</button>'
        for a in sandbox.office.agents.values()
    )
    return web.Response(text=PAGE.format(kept=kept, agents=agents), content_type="text/html")


async def agree(request: web.Request) -> web.Response:
    """Back to the application with a code."""
    sandbox = request.app[SANDBOX]
    asked = {name: str(value) for name, value in (await request.post()).items()}
    _check(sandbox, asked)

    def work() -> str:
        agent = sandbox.centre.agent(asked.get("agent", ""))
        redirect, challenge = asked["redirect_uri"], asked.get("code_challenge", "")
        return sandbox.access.authorize(asked["client_id"], agent.id, redirect, challenge)

    code = await sandbox.do(work)
    joint = "&" if urlsplit(asked["redirect_uri"]).query else "?"
    back = urlencode({"code": code, "state": asked.get("state", "")})
    return web.Response(status=302, headers={"Location": f"{asked['redirect_uri']}{joint}{back}"})


async def token(request: web.Request) -> web.Response:
    """A token; for a service by its secret, for an agent by code and verifier or refresh token."""
    said = {name: str(value) for name, value in (await request.post()).items()}
    client, secret = _client(request, said)
    access = request.app[SANDBOX].access

    def work() -> Issued:
        match said.get("grant_type"):
            case "client_credentials":
                return access.client_credentials(client, secret)
            case "authorization_code":
                code, redirect = said.get("code", ""), said.get("redirect_uri", "")
                return access.exchange(client, code, redirect, said.get("code_verifier", ""))
            case "refresh_token":
                return access.refresh(client, said.get("refresh_token", ""))
        raise BadGrant("The grant type is not one of this server's.")

    issued = await request.app[SANDBOX].do(work)
    body = {"access_token": issued.access, "token_type": "bearer", "expires_in": issued.seconds}
    if issued.refresh:
        body["refresh_token"] = issued.refresh
    return web.json_response(body, headers={"Cache-Control": "no-store"})


def _client(request: web.Request, said: Mapping[str, str]) -> tuple[str, str]:
    header = request.headers.get("Authorization", "")
    if not header:
        return said.get("client_id", ""), said.get("client_secret", "")
    kind, _, given = header.partition(" ")
    try:
        login, colon, password = b64decode(given.strip(), validate=True).decode().partition(":")
    except ValueError:
        colon = ""
    if kind.lower() != "basic" or not colon:
        raise BadClient("The Authorization header is not basic.")
    return login, password
