"""An agent of Genesys Cloud: a browser that comes back to this machine, PKCE, refresh, and who it was.

All blocks. There is no discovery document, and the address that the browser comes back to must be the
registered one. Source: Genesys Cloud developer center, *Authorization code with PKCE*.
"""

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from agentdesk.domain.errors import LoginRefused
from agentdesk.signin import authorization
from agentdesk.signin.authorization import Answer, session, speaking
from agentdesk.signin.grant import Grant
from agentdesk.signin.loopback import Loopback
from agentdesk.signin.registration import Registration
from agentdesk.signin.waiting import Waiting
from agentdesk.signin.web import reaching, verified

AUTHORIZE, TOKEN, ME = "/oauth/authorize", "/oauth/token", "/api/v2/users/me"


@dataclass(frozen=True, slots=True)
class Somebody:
    """Who signed in, as the centre says."""

    id: str
    name: str
    email: str


def refresh(account: Registration, grant: Grant) -> Answer:
    """Tokens, or "error" and "error_description". Raises ServerUnreachable, LoginRefused."""
    return authorization.refresh(account, session(account), _at(account, TOKEN), grant)


def by_browser(account: Registration, waiting: Waiting, secret: str = "") -> Answer:
    """Tokens once the browser came back to this machine, or an error. Raises as `refresh`.

    A public client has no secret: *secret* is not used.
    """
    endpoints = (_at(account, AUTHORIZE), _at(account, TOKEN))
    with _loopback(account) as loopback:
        return authorization.by_browser(
            account, session(account), endpoints, loopback, "localhost", waiting
        )


def _at(account: Registration, path: str) -> str:
    return account.authority.rstrip("/") + path


def _loopback(account: Registration) -> Loopback:
    try:
        return Loopback(account.redirect_port)
    except OSError as error:
        raise LoginRefused(
            f"Port {account.redirect_port} of this machine, to which the browser comes back, is in "
            "use: end what uses it, such as another sign-in, and try again."
        ) from error


def identified(account: Registration, grant: Grant) -> tuple[Registration, Grant]:
    """Both with the agent whom the centre takes the tokens for. Raises `LoginRefused` where it is not
    the one who was to sign in, and as `refresh`.
    """
    who = me(account, grant.access_token)
    if account.user:
        same = who.id == account.user
    else:
        same = bool(account.email) and who.email.casefold() == account.email.casefold()
    if not same:
        raise LoginRefused(
            f"The browser signed in {who.name} ({who.email}), but this sign-in is for "
            f"{account.person}: nothing was kept. Sign out in the browser, and try again."
        )
    return replace(account, user=who.id), replace(grant, person=who.name)


def me(account: Registration, token: str) -> Somebody:
    """Whose *token* it is. Raises as `refresh`."""
    import requests

    address = account.resource.rstrip("/") + ME
    client = verified(requests.Session(), account)
    with speaking(account), reaching(account, urlsplit(address).netloc):
        found = client.get(address, headers={"Authorization": f"Bearer {token}"})
        if found.status_code >= 500 or found.status_code == 429:
            found.raise_for_status()
        if found.status_code != 200:
            raise LoginRefused(
                f"{account.address} does not say who signed in (status {found.status_code}): nothing "
                f"was kept. Check the address of {account.place}."
            )
        said = found.json()
        return Somebody(str(said["id"]), str(said.get("name", "")), str(said.get("email", "")))
