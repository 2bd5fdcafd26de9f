"""`agentdesk ccaas sign-in`, `sign-out` and `secret`: who acts at a contact centre, at the terminal."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from agentdesk.bootstrap import centres
from agentdesk.bootstrap.existing import acting, existing_desk
from agentdesk.commands.dialogue import Dialogue, Terminal
from agentdesk.commands.mail_sign_in import with_person
from agentdesk.commands.signing_in import who
from agentdesk.domain.actor import Actor
from agentdesk.domain.ccaas.identity import Identity
from agentdesk.domain.errors import BadInput, StorageProblem
from agentdesk.services.ccaas import signing_in
from agentdesk.services.desk import Desk
from agentdesk.settings import Settings, load
from agentdesk.settings.contact_centres import ContactCentre
from agentdesk.settings.secrets import centre_secret_place, store
from agentdesk.signin.flow import sign_out
from agentdesk.signin.waiting import Waiting

News = Callable[[Desk, Actor, str], Awaitable[None]]


def run_sign_in(
    path: Path,
    key: str,
    login: str,
    waiting: Waiting | None = None,
    talk: Dialogue | None = None,
) -> int:
    """Sign the agent *login* in at the centre *key*. Raises `BadInput`, `MailProblem`."""
    settings = load(path)
    centre, me = _signing(settings, key), who(path, login)
    if not centre.agents_client_id:
        raise BadInput(
            f"The settings name no agents_client_id for {centre.name}: add the id of the client that "
            "its agents sign in by."
        )
    sign_ins = centres.sign_ins_of(centre)
    identity = asyncio.run(_identity(settings, key, me))
    mine = sign_ins.registration(identity)
    with_person(mine, sign_ins.store, None, talk or Terminal(), waiting)
    asyncio.run(_tell(settings, key, me, signing_in.signed_in))
    return 0


def run_sign_out(path: Path, key: str, login: str, talk: Dialogue | None = None) -> int:
    """Forget the sign-in of the agent *login* at the centre *key*. Raises `BadInput`, `MailProblem`."""
    settings, talk = load(path), talk or Terminal()
    centre, me = _signing(settings, key), who(path, login)
    identity = asyncio.run(_identity(settings, key, me))
    if not identity.external_id:
        raise BadInput(
            f"Nobody at {centre.name} stands for {me}: map them with agentdesk ccaas map first."
        )
    sign_ins = centres.sign_ins_of(centre)
    if not sign_out(sign_ins.registration(identity), sign_ins.store):
        talk.say(f"{identity.name} is not signed in to {centre.name} on this machine.")
        return 0
    talk.say(f"The sign-in of {identity.name} at {centre.name} is forgotten on this machine.")
    asyncio.run(_tell(settings, key, me, signing_in.signed_out))
    return 0


def run_secret(path: Path, key: str, talk: Dialogue | None = None) -> int:
    """Ask for the secret of a centre's service and store it. Raises `BadInput`, `KeyringUnusable`."""
    centre, talk = centres.section(load(path), key), talk or Terminal()
    place = centre_secret_place(centre)
    if not centre.keyring:
        raise BadInput(
            f"The settings say keyring = false for {centre.name}: set the environment variable "
            f"{place.variable} instead."
        )
    secret = talk.read(f"Secret of the service at {centre.name} (hidden): ", hidden=True).strip()
    if not secret:
        raise BadInput("No secret was typed, so none is stored.")
    store(place.host, place.username, secret)
    talk.say("The secret is in the keyring of this machine. agentdesk ccaas check tries it.")
    return 0


def _signing(settings: Settings, key: str) -> ContactCentre:
    centre = centres.section(settings, key)
    if centre.kind != "genesys":
        raise BadInput(f"Nobody signs in at {centre.name}: its service acts for all agents.")
    return centre


async def _identity(settings: Settings, key: str, login: str) -> Identity:
    """As the database knows them; as the settings do where there is none yet."""
    try:
        async with existing_desk(settings) as desk:
            return await signing_in.identity(desk, key, login)
    except StorageProblem:
        agent = next(a for a in settings.agents if a.login == login)
        return Identity(key, login, agent.name, agent.email)


async def _tell(settings: Settings, key: str, login: str, news: News) -> None:
    """Desks and engines hear of it; where there is no database yet, there are none."""
    try:
        async with existing_desk(settings) as desk:
            await news(desk, await acting(desk, login, ""), key)
    except StorageProblem:
        return
