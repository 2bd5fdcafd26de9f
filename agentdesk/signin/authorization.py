"""Authorization code with PKCE by authlib: a browser that comes back to this machine, and refresh.

What Google and contact centres share. All blocks. Sources: RFC 7636, RFC 8252.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from agentdesk.domain.errors import LoginRefused
from agentdesk.signin.grant import Grant
from agentdesk.signin.loopback import Loopback
from agentdesk.signin.registration import Registration
from agentdesk.signin.waiting import Task, Waiting
from agentdesk.signin.web import reaching, verified

Answer = dict[str, Any]


def session(account: Registration, secret: str = "") -> Any:
    """An authlib session of the application; a public one where there is no *secret*."""
    from authlib.integrations.requests_client import OAuth2Session

    made = OAuth2Session(
        account.client_id,
        secret or None,
        token_endpoint_auth_method="client_secret_post" if secret else "none",
        scope=" ".join(account.scopes) or None,
        code_challenge_method="S256",
    )
    return verified(made, account)


def refresh(account: Registration, client: Any, endpoint: str, grant: Grant) -> Answer:
    """Tokens, or "error" and "error_description". Raises ServerUnreachable, LoginRefused."""
    return _asked(
        account, lambda: client.refresh_token(endpoint, refresh_token=grant.refresh_token)
    )


def by_browser(
    account: Registration,
    client: Any,
    endpoints: tuple[str, str],
    loopback: Loopback,
    host: str,
    waiting: Waiting,
    **more: str,
) -> Answer:
    """Tokens once the browser came back to *loopback* as *host*, or an error. Raises as `refresh`.

    *endpoints*: where a person agrees, and where tokens are; *more* goes to the first of them.
    """
    from authlib.common.security import generate_token

    verifier = generate_token(64)
    client.redirect_uri = f"http://{host}:{loopback.port}"
    address, state = client.create_authorization_url(endpoints[0], code_verifier=verifier, **more)
    waiting.show(Task(address, port=loopback.port, opened=waiting.open_browser(address)))
    answer = loopback.answer(state, waiting.stop, waiting.patience)
    if answer is None:
        raise waiting.ended()
    if "code" not in answer:
        return dict(answer)
    return _asked(
        account,
        lambda: client.fetch_token(
            endpoints[1],
            grant_type="authorization_code",
            code=answer["code"],
            code_verifier=verifier,
        ),
    )


def _asked(account: Registration, ask: Callable[[], Mapping[str, Any]]) -> Answer:
    """What the token endpoint says; a refusal in the same form as msal's."""
    from authlib.integrations.base_client import OAuthError

    try:
        with speaking(account), reaching(account):
            return dict(ask())
    except OAuthError as error:
        return {"error": error.error, "error_description": error.description}


@contextmanager
def speaking(account: Registration) -> Iterator[None]:
    """Inside, an answer that makes no sense becomes `LoginRefused`."""
    try:
        yield
    except (ValueError, LookupError, TypeError) as error:
        raise LoginRefused(
            f"{account.authority} does not answer as {account.provider_name} does: check "
            f"{account.place}."
        ) from error
