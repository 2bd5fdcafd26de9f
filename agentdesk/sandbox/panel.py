"""The fault panel `/__sandbox__/`: JSON for programs, one page for a person. Not a part of the dialect."""

import json
from collections.abc import Callable
from importlib import resources
from typing import Any

from aiohttp import web

from agentdesk.sandbox.api import SANDBOX, Handler, injected
from agentdesk.sandbox.model import OFFLINE, RIGHTS, Agent
from agentdesk.sandbox.refusals import Refused, Unknown
from agentdesk.sandbox.sandbox import Sandbox

ROOT = "/__sandbox__/"
POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'"
)


def add_panel(app: web.Application) -> None:
    """Route the page, the snapshot and the switches."""
    app.router.add_get(ROOT, _page)
    app.router.add_get(f"{ROOT}state", _state)
    app.router.add_post(f"{ROOT}reset", _reset)
    for name, switch in SWITCHES.items():
        app.router.add_post(f"{ROOT}{name}", _handler(switch))


async def _page(request: web.Request) -> web.Response:
    html = resources.files("agentdesk.sandbox").joinpath("panel.html").read_text("utf-8")
    headers = {"Content-Security-Policy": POLICY}
    return web.Response(text=html, content_type="text/html", headers=headers)


def _shown(sandbox: Sandbox) -> web.Response:
    text = json.dumps(sandbox.snapshot(), default=str)
    return web.Response(text=text, content_type="application/json")


async def _state(request: web.Request) -> web.Response:
    sandbox = request.app[SANDBOX]
    await sandbox.do(lambda: None)
    return _shown(sandbox)


async def _values(request: web.Request) -> dict[str, Any]:
    """What a switch is given. JSON only: a form of a web page elsewhere cannot send that."""
    if request.content_type != "application/json":
        raise injected(415, "Send application/json.")
    try:
        said = json.loads(await request.read())
    except ValueError:
        raise Refused("The body is not JSON.") from None
    if not isinstance(said, dict):
        raise Refused("The body must be an object.")
    return said


def _handler(switch: Callable[[Sandbox, dict[str, Any]], None]) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        said, sandbox = await _values(request), request.app[SANDBOX]
        await sandbox.do(lambda: switch(sandbox, said))
        return _shown(sandbox)

    return handle


async def _reset(request: web.Request) -> web.Response:
    said, sandbox = await _values(request), request.app[SANDBOX]
    seed = said.get("seed", sandbox.office.seed)
    if type(seed) is not int:
        raise Refused("seed must be a number.")
    await sandbox.reset(seed)
    return _shown(sandbox)


def _agent(sandbox: Sandbox, said: dict[str, Any]) -> Agent:
    for agent in sandbox.office.agents.values():
        if said.get("agent") in (agent.id, agent.email, agent.name):
            return agent
    raise Unknown("There is no such agent: give an id, an email or a name.")


def _faults(sandbox: Sandbox, said: dict[str, Any]) -> None:
    sandbox.faults.set(said)


def _transfers(sandbox: Sandbox, said: dict[str, Any]) -> None:
    count = said.get("lose")
    if type(count) is not int or count < 0:
        raise Refused("lose must be a number from 0: the next transfers that time out.")
    sandbox.office.transfers_to_lose = count


def _presence(sandbox: Sandbox, said: dict[str, Any]) -> None:
    sandbox.centre.set_presence(_agent(sandbox, said), str(said.get("presence", OFFLINE)))


def _rights(sandbox: Sandbox, said: dict[str, Any]) -> None:
    agent, right, granted = _agent(sandbox, said), said.get("right"), said.get("granted")
    if right not in RIGHTS or not isinstance(granted, bool):
        raise Refused(f"right is one of {', '.join(RIGHTS)}; granted is true or false.")
    agent.rights = [r for r in RIGHTS if (granted if r == right else r in agent.rights)]


def _revoke(sandbox: Sandbox, said: dict[str, Any]) -> None:
    client = said.get("client")
    if client is not None and client not in sandbox.access.keys.clients:
        raise Unknown("There is no such client.")
    sandbox.access.revoke(client if client else _agent(sandbox, said).id)


def _clock(sandbox: Sandbox, said: dict[str, Any]) -> None:
    seconds = said.get("seconds")
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise Refused("seconds must be a number.")
    if not 0 <= seconds <= 31_536_000:
        raise Refused("seconds must be a number from 0 to a year: the clock only goes forward.")
    sandbox.move_clock(seconds)


SWITCHES: dict[str, Callable[[Sandbox, dict[str, Any]], None]] = {
    "faults": _faults,
    "transfers": _transfers,
    "presence": _presence,
    "rights": _rights,
    "revoke": _revoke,
    "clock": _clock,
}
