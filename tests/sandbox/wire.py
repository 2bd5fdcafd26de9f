"""Speaks to a sandbox over HTTP as its clients do."""

import base64
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp

from agentdesk.domain.clock import ManualClock
from agentdesk.sandbox import seeding
from agentdesk.sandbox.sandbox import Sandbox
from tests.contracts.checking import Checked

VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123456789"
BACK = "http://127.0.0.1:5999/back"
CONVERSATIONS = "/api/v2/conversations"


@dataclass(frozen=True)
class Reply:
    status: int
    body: Any
    headers: dict[str, str]


def challenge(verifier: str = VERIFIER) -> str:
    digest = hashlib.sha256(verifier.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Caller:
    """One holder of a token."""

    def __init__(self, wire: "Wire", token: str) -> None:
        self.wire = wire
        self.token = token

    async def __call__(self, method: str, path: str, body: Any = None, **query: str) -> Reply:
        headers = {"Authorization": f"Bearer {self.token}"}
        return await self.wire.send(method, path, json=body, params=query, headers=headers)


class Wire:
    """An address and who is at the other end of it."""

    def __init__(
        self,
        address: str,
        sandbox: Sandbox | None,
        clock: ManualClock | None,
        checked: Checked,
        session: aiohttp.ClientSession,
    ) -> None:
        self.address = address
        self.sandbox = sandbox
        self.clock = clock
        self.checked = checked
        self.session = session
        self.says_nonsense = False

    @classmethod
    @asynccontextmanager
    async def to(
        cls, address: str, sandbox: Any = None, clock: Any = None, checked: Any = None
    ) -> AsyncIterator["Wire"]:
        async with aiohttp.ClientSession() as session:
            yield cls(address, sandbox, clock, checked or Checked(), session)

    async def send(self, method: str, path: str, **rest: Any) -> Reply:
        if rest.get("json") is None:
            rest.pop("json", None)
        async with self.session.request(
            method, self.address + path, allow_redirects=False, **rest
        ) as answer:
            text = await answer.text()
            is_json = answer.content_type == "application/json" and text
            body = await answer.json() if is_json else text
            return Reply(answer.status, body, dict(answer.headers))

    async def panel(self, switch: str, **body: Any) -> Any:
        reply = await self.send("POST", f"/__sandbox__/{switch}", json=body)
        assert reply.status == 200, reply.body
        return reply.body

    async def state(self) -> Any:
        return (await self.send("GET", "/__sandbox__/state")).body

    async def token(self, **form: str) -> Reply:
        return await self.send("POST", "/oauth/token", data=form)

    async def service(self) -> Caller:
        reply = await self.token(
            grant_type="client_credentials",
            client_id=seeding.service_client(1),
            client_secret=seeding.secret_of(1),
        )
        assert reply.status == 200, reply.body
        return Caller(self, reply.body["access_token"])

    async def code(self, name: str, **other: str) -> Reply:
        form = {
            "client_id": seeding.desk_client(1),
            "redirect_uri": BACK,
            "code_challenge": challenge(),
            "code_challenge_method": "S256",
            "state": "st&te",
            "agent": agent_id(name),
        }
        return await self.send("POST", "/oauth/authorize", data=form | other)

    async def exchange(self, code: str, **other: str) -> Reply:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": BACK,
            "client_id": seeding.desk_client(1),
            "code_verifier": VERIFIER,
        }
        return await self.token(**(form | other))

    async def agent(self, name: str) -> Caller:
        code = code_of(await self.code(name))
        reply = await self.exchange(code)
        assert reply.status == 200, reply.body
        return Caller(self, reply.body["access_token"])

    async def on_queue(self, *names: str) -> None:
        for name in names:
            await self.panel("presence", agent=agent_name(name), presence="OnQueue")

    async def hand_over(self, service: Caller, queue: str = "Claims", **more: Any) -> str:
        body = {
            "queueId": queue_id(queue),
            "provider": "agentdesk",
            "direction": "INBOUND",
            "fromAddress": "mina@customer.example",
            "fromName": "Mina Lang",
            "subject": "Broken kettle",
            "attributes": {"interaction": "17"},
        }
        reply = await service("POST", f"{CONVERSATIONS}/emails", body | more)
        assert reply.status == 200, reply.body
        return str(reply.body["id"])

    async def part(self, caller: Caller, conversation: str, agent: str) -> Any:
        """The agent's latest participant, as `Conversation` shows it."""
        reply = await caller("GET", f"{CONVERSATIONS}/{conversation}")
        mine = [p for p in reply.body["participants"] if p.get("userId") == agent_id(agent)]
        return mine[-1]

    async def accepted(self, service: Caller, agent: Caller, name: str, **more: Any) -> "Held":
        """A conversation that *agent* has accepted."""
        conversation = await self.hand_over(service, **more)
        part = await self.part(agent, conversation, name)
        held = Held(conversation, part["id"], part["emails"][0]["id"])
        reply = await agent("PATCH", held.participant_path, {"state": "connected"})
        assert reply.status == 202, reply.body
        return held


@dataclass(frozen=True)
class Held:
    conversation: str
    participant: str
    communication: str

    @property
    def participant_path(self) -> str:
        return f"{CONVERSATIONS}/emails/{self.conversation}/participants/{self.participant}"

    @property
    def wrapup_path(self) -> str:
        return f"{self.participant_path}/communications/{self.communication}/wrapup"

    @property
    def replace_path(self) -> str:
        return f"{CONVERSATIONS}/{self.conversation}/participants/{self.participant}/replace"


def code_of(reply: Reply) -> str:
    assert reply.status == 302, reply.body
    return parse_qs(urlsplit(reply.headers["Location"]).query)["code"][0]


def agent_name(first: str) -> str:
    return next(name for name in seeding.AGENTS if name.lower().startswith(first))


def agent_id(first: str) -> str:
    return seeding.key_of(1, "agent", agent_name(first))


def queue_id(name: str) -> str:
    return seeding.key_of(1, "queue", name)


def wrapup_id(name: str) -> str:
    return seeding.key_of(1, "code", name)
