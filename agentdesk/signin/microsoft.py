"""Microsoft 365 by msal: device code, browser and refresh. Every function blocks.

msal's own token cache is not used: the grant is kept by `store`, in the same form as Google's.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from time import time
from typing import Any

from agentdesk.domain.errors import LoginRefused, ServerUnreachable
from agentdesk.signin.grant import Grant
from agentdesk.signin.loopback import Loopback
from agentdesk.signin.registration import Registration
from agentdesk.signin.waiting import Task, Waiting
from agentdesk.signin.web import reaching, verified

Answer = dict[str, Any]


def refresh(account: Registration, grant: Grant) -> Answer:
    """Tokens, or "error" and "error_description". Raises ServerUnreachable, LoginRefused."""
    application = _application(account)
    with _asking(account):
        return dict(application.acquire_token_by_refresh_token(grant.refresh_token, account.scopes))


def by_device_code(account: Registration, waiting: Waiting) -> Answer:
    """Tokens once the person typed the code somewhere, or an error. Raises as `refresh`."""
    application = _application(account)
    with _asking(account):
        flow = application.initiate_device_flow(account.scopes)
    if "user_code" not in flow:
        return dict(flow)
    until = min(flow["expires_at"], time() + waiting.patience)
    waiting.show(Task(flow["verification_uri"], flow["user_code"]))
    with _asking(account):
        answer = dict(
            application.acquire_token_by_device_flow(
                flow, exit_condition=lambda _: waiting.stop.is_set() or time() > until
            )
        )
    if answer.get("error") in ("authorization_pending", "slow_down"):
        raise waiting.ended()
    return answer


def by_browser(account: Registration, waiting: Waiting, secret: str = "") -> Answer:
    """Tokens once the browser came back to this machine, or an error. Raises as `refresh`.

    A public client has no secret: *secret* is not used.
    """
    application = _application(account)
    with Loopback() as loopback:
        with _asking(account):
            flow = application.initiate_auth_code_flow(
                account.scopes,
                redirect_uri=f"http://localhost:{loopback.port}",
                login_hint=account.user,
                response_mode="form_post",
            )
        address = flow["auth_uri"]
        waiting.show(Task(address, port=loopback.port, opened=waiting.open_browser(address)))
        answer = loopback.answer(flow["state"], waiting.stop, waiting.patience)
    if answer is None:
        raise waiting.ended()
    with _asking(account):
        return dict(application.acquire_token_by_auth_code_flow(flow, dict(answer)))


def revoke(account: Registration, grant: Grant) -> None:
    """Microsoft has no way to give a token back: a person does that at myapps.microsoft.com."""


def _application(account: Registration) -> Any:
    """A public client on the account's login server, which the settings name: no other is asked."""
    import msal
    import requests

    logging.getLogger("msal").setLevel(logging.CRITICAL)  # it would log a whole strange answer
    with _asking(account):
        return msal.PublicClientApplication(
            account.client_id,
            authority=f"{account.authority.rstrip('/')}/{account.tenant}",
            http_client=verified(requests.Session(), account),
            instance_discovery=False,
        )


@contextmanager
def _asking(account: Registration) -> Iterator[None]:
    """Inside, msal's own exceptions become ours as well."""
    from msal.exceptions import MsalError

    try:
        with reaching(account):
            yield
    except MsalError as error:
        raise ServerUnreachable(f"{account.authority} is out of order: try again later.") from error
    except (ValueError, KeyError, RuntimeError) as error:
        raise LoginRefused(
            f"{account.authority} does not answer as Microsoft does, or does not know the tenant "
            f"{account.tenant}: check sign_in of the account {account.key}."
        ) from error
