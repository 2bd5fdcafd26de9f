"""Google: a browser that comes back to this machine, PKCE, refresh, and giving back. All blocks.

Google's device codes do not reach mail, so there are none here. Source: Google, *OAuth 2.0 for TV
and Limited-Input Devices*, allowed scopes.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from agentdesk.domain.errors import MailProblem
from agentdesk.signin import authorization
from agentdesk.signin.authorization import Answer, session, speaking
from agentdesk.signin.grant import Grant
from agentdesk.signin.loopback import Loopback
from agentdesk.signin.registration import Registration
from agentdesk.signin.waiting import Waiting
from agentdesk.signin.web import reaching

DISCOVERY = "/.well-known/openid-configuration"


def refresh(account: Registration, grant: Grant) -> Answer:
    """Tokens, or "error" and "error_description". Raises ServerUnreachable, LoginRefused."""
    client = session(account, grant.client_secret)
    endpoint = _endpoints(account, client)["token_endpoint"]
    return authorization.refresh(account, client, endpoint, grant)


def by_browser(account: Registration, waiting: Waiting, secret: str = "") -> Answer:
    """Tokens once the browser came back to this machine, or an error. Raises as `refresh`."""
    client = session(account, secret)
    found = _endpoints(account, client)
    endpoints = (found["authorization_endpoint"], found["token_endpoint"])
    with Loopback() as loopback:
        return authorization.by_browser(
            account,
            client,
            endpoints,
            loopback,
            "127.0.0.1",
            waiting,
            access_type="offline",
            prompt="consent",  # else no refresh token comes the second time
            login_hint=account.user,
        )


def revoke(account: Registration, grant: Grant) -> None:
    """Give the refresh token back; if that fails, it is only forgotten here."""
    with suppress(MailProblem):
        client = session(account, grant.client_secret)
        endpoint = _endpoints(account, client).get("revocation_endpoint")
        if endpoint:
            with reaching(account):
                client.revoke_token(endpoint, token=grant.refresh_token)


def _endpoints(account: Registration, client: Any) -> Mapping[str, str]:
    with speaking(account), reaching(account):
        found = client.get(account.authority.rstrip("/") + DISCOVERY, withhold_token=True)
        if found.status_code >= 500:
            found.raise_for_status()
        endpoints = found.json()
        return {name: str(endpoints[name]) for name in endpoints if name.endswith("_endpoint")}
