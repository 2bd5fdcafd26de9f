"""Google by authlib: a browser that comes back to this machine, PKCE, and refresh. All blocks.

Google's device codes do not reach mail, so there are none here. Source: Google, *OAuth 2.0 for TV
and Limited-Input Devices*, allowed scopes.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

from agentdesk.domain.errors import LoginRefused, MailProblem
from agentdesk.signin.grant import Grant
from agentdesk.signin.loopback import Loopback
from agentdesk.signin.registration import Registration
from agentdesk.signin.waiting import Task, Waiting
from agentdesk.signin.web import reaching, verified

Answer = dict[str, Any]
DISCOVERY = "/.well-known/openid-configuration"


def refresh(account: Registration, grant: Grant) -> Answer:
    """Tokens, or "error" and "error_description". Raises ServerUnreachable, LoginRefused."""
    client = _client(account, grant.client_secret)
    endpoint = _endpoints(account, client)["token_endpoint"]
    return _asked(
        account, lambda: client.refresh_token(endpoint, refresh_token=grant.refresh_token)
    )


def by_browser(account: Registration, waiting: Waiting, secret: str = "") -> Answer:
    """Tokens once the browser came back to this machine, or an error. Raises as `refresh`."""
    from authlib.common.security import generate_token

    client, verifier = _client(account, secret), generate_token(64)
    endpoints = _endpoints(account, client)
    with Loopback() as loopback:
        client.redirect_uri = f"http://127.0.0.1:{loopback.port}"
        address, state = client.create_authorization_url(
            endpoints["authorization_endpoint"],
            code_verifier=verifier,
            access_type="offline",
            prompt="consent",  # else no refresh token comes the second time
            login_hint=account.user,
        )
        waiting.show(Task(address, port=loopback.port, opened=waiting.open_browser(address)))
        answer = loopback.answer(state, waiting.stop, waiting.patience)
    if answer is None:
        raise waiting.ended()
    if "code" not in answer:
        return dict(answer)
    return _asked(
        account,
        lambda: client.fetch_token(
            endpoints["token_endpoint"],
            grant_type="authorization_code",
            code=answer["code"],
            code_verifier=verifier,
        ),
    )


def revoke(account: Registration, grant: Grant) -> None:
    """Give the refresh token back; if that fails, it is only forgotten here."""
    with suppress(MailProblem):
        client = _client(account, grant.client_secret)
        endpoint = _endpoints(account, client).get("revocation_endpoint")
        if endpoint:
            with reaching(account):
                client.revoke_token(endpoint, token=grant.refresh_token)


def _client(account: Registration, secret: str) -> Any:
    from authlib.integrations.requests_client import OAuth2Session

    session = OAuth2Session(
        account.client_id,
        secret or None,
        token_endpoint_auth_method="client_secret_post" if secret else "none",
        scope=" ".join(account.scopes),
        code_challenge_method="S256",
    )
    return verified(session, account)


def _endpoints(account: Registration, client: Any) -> Mapping[str, str]:
    with _speaking(account), reaching(account):
        found = client.get(account.authority.rstrip("/") + DISCOVERY, withhold_token=True)
        if found.status_code >= 500:
            found.raise_for_status()
        endpoints = found.json()
        return {name: str(endpoints[name]) for name in endpoints if name.endswith("_endpoint")}


def _asked(account: Registration, ask: Callable[[], Mapping[str, Any]]) -> Answer:
    """What the token endpoint says; a refusal in the same form as msal's."""
    from authlib.integrations.base_client import OAuthError

    try:
        with _speaking(account), reaching(account):
            return dict(ask())
    except OAuthError as error:
        return {"error": error.error, "error_description": error.description}


@contextmanager
def _speaking(account: Registration) -> Iterator[None]:
    try:
        yield
    except (ValueError, LookupError, TypeError) as error:
        raise LoginRefused(
            f"{account.authority} does not answer as Google does: check sign_in.authority of the "
            f"account {account.key}."
        ) from error
