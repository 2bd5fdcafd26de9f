"""The contact centres of the settings, ready to be asked, and the sign-ins of their agents.

What speaks to them is loaded beside the event loop, and only where the settings name a centre.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from agentdesk.bootstrap import credentials
from agentdesk.ccaas.port import ContactCentre
from agentdesk.domain.ccaas.errors import SignInMissing
from agentdesk.domain.clock import Clock, SystemClock
from agentdesk.domain.errors import BadInput
from agentdesk.settings import Settings
from agentdesk.settings.contact_centres import ContactCentre as Section
from agentdesk.settings.secrets import SecretMissing, centre_secret
from agentdesk.signin.agents import AgentSignIns
from agentdesk.signin.registration import Registration
from agentdesk.signin.store import Store


@dataclass(frozen=True, slots=True)
class Centres:
    """By their keys: the centres, and the sign-ins of those whose agents have one of their own."""

    at: Mapping[str, ContactCentre] = field(default_factory=dict)
    sign_ins: Mapping[str, AgentSignIns] = field(default_factory=dict)


async def build(s: Settings, clock: Clock | None = None, folder: Path | None = None) -> Centres:
    """Those that *s* names. Connects to nothing. *folder* is where sign-ins are kept; None: as usual."""
    clock = clock or SystemClock()
    sign_ins = {
        c.key: sign_ins_of(c, clock, folder) for c in s.contact_centres if c.kind == "genesys"
    }
    made = {}
    for c in s.contact_centres:
        made[c.key] = await _centre(c, clock, sign_ins.get(c.key))
    return Centres(made, sign_ins)


async def one(s: Settings, key: str) -> ContactCentre:
    """The centre *key* alone, for a command. Raises `BadInput` where the settings name no such one."""
    c = section(s, key)
    signs = sign_ins_of(c) if c.kind == "genesys" else None
    return await _centre(c, SystemClock(), signs)


def section(s: Settings, key: str) -> Section:
    """What the settings say of the centre *key*. Raises `BadInput`."""
    for centre in s.contact_centres:
        if centre.key == key:
            return centre
    known = ", ".join(c.key for c in s.contact_centres) or "none"
    raise BadInput(f"There is no contact centre {key}; there are: {known}.")


def sign_ins_of(c: Section, clock: Clock | None = None, folder: Path | None = None) -> AgentSignIns:
    """The sign-ins of a centre's agents on this machine."""
    store = Store(folder or credentials.folder(), use_keyring=c.keyring)
    return AgentSignIns(registration(c), store, clock or SystemClock())


def registration(c: Section) -> Registration:
    """What the agents of a centre sign in with; nobody in particular."""
    return Registration(
        provider="genesys",
        key=c.key,
        address=c.name,
        user="",
        client_id=c.agents_client_id.strip(),
        authority=c.login_address or c.address.replace("://api.", "://login.", 1),
        resource=c.address,
        redirect_port=c.redirect_port,
    )


async def _centre(c: Section, clock: Clock, agents: AgentSignIns | None) -> ContactCentre:
    secret = _secret(c)
    if agents is not None:
        made = (await _load("genesys")).GenesysCentre(
            key=c.key,
            name=c.name,
            address=c.address,
            login_address=c.login_address,
            client_id=c.client_id,
            secret=secret,
            agents=agents,
            clock=clock,
            per_minute=c.per_minute,
        )
    else:
        made = (await _load("twilio")).TwilioCentre(
            key=c.key,
            name=c.name,
            address=c.address,
            account_sid=c.client_id,
            secret=secret,
            workspace=c.workspace,
            workflow=c.workflow,
            clock=clock,
            per_minute=c.per_minute,
        )
    centre: ContactCentre = made
    return centre


async def _load(kind: str) -> Any:
    return await asyncio.to_thread(import_module, f"agentdesk.ccaas.{kind}.centre")


def _secret(c: Section) -> Callable[[], Awaitable[str]]:
    async def secret() -> str:
        try:
            return await asyncio.to_thread(centre_secret, c)  # the keyring may ask its user
        except SecretMissing as error:
            raise SignInMissing(str(error)) from error

    return secret
