"""Signing in and out: the whole way from a person to a kept grant. Both functions block."""

import os
from dataclasses import replace
from enum import StrEnum
from typing import Any

from agentdesk.domain.clock import Clock
from agentdesk.domain.errors import BadInput, LoginRefused
from agentdesk.signin import browser, genesys, google, microsoft
from agentdesk.signin.grant import Grant, from_answer
from agentdesk.signin.refusals import refusal
from agentdesk.signin.registration import Registration
from agentdesk.signin.store import Store
from agentdesk.signin.waiting import Waiting


class Way(StrEnum):
    """How a person signs in."""

    DEVICE_CODE = "device code"
    BROWSER = "browser"


def usual_way(account: Registration) -> Way:
    """A browser where there is one, or where the provider allows nothing else."""
    if account.provider != "microsoft" or browser.is_here():
        return Way.BROWSER
    return Way.DEVICE_CODE


def sign_in(
    account: Registration,
    store: Store,
    clock: Clock,
    waiting: Waiting,
    *,
    way: Way | None = None,
    secret: str = "",
) -> tuple[Grant, str]:
    """Wait for a person to sign in, and keep what it gave; with where it is kept.

    *secret*: Google's client secret. Raises `MailProblem` subclasses, `BadInput`.
    """
    secret = secret or known_secret(account, store)
    answer = _asked(account, waiting, way or usual_way(account), secret)
    if "error" in answer:
        raise refusal(account, answer, renewing=False)
    try:
        grant = from_answer(answer, account.client_id, clock.now())
    except ValueError as error:
        raise LoginRefused(f"{account.provider_name} gave no token ({error}).") from error
    if account.of_a_centre:
        account, grant = genesys.identified(account, grant)
    elif not grant.refresh_token:
        raise LoginRefused(
            f"{account.provider_name} gave no refresh token, so nothing was kept: see that the "
            "application may work offline, and sign in again."
        )
    grant = replace(grant, client_secret=secret)
    with store.alone(account):
        return grant, store.save_sign_in(account, grant)


def _asked(account: Registration, waiting: Waiting, way: Way, secret: str) -> dict[str, Any]:
    if account.provider == "microsoft":
        if way is Way.DEVICE_CODE:
            return microsoft.by_device_code(account, waiting)
        return microsoft.by_browser(account, waiting)
    if account.provider == "genesys":
        return genesys.by_browser(account, waiting)
    if way is Way.DEVICE_CODE:
        raise BadInput("Google gives no device codes for mail: sign in with --browser.")
    return google.by_browser(account, waiting, secret)


def known_secret(account: Registration, store: Store) -> str:
    """Google's client secret: from the environment, or the last sign-in; empty where unknown."""
    if account.provider != "google":
        return ""
    if account.secret_variable and (found := os.environ.get(account.secret_variable)):
        return found
    before = store.load(account)
    return before.client_secret if before and before.client_id == account.client_id else ""


def sign_out(account: Registration, store: Store) -> bool:
    """Forget the tokens, and give them back where the provider takes them; whether there were any."""
    with store.alone(account):
        grant = store.load(account)
        if grant is None:
            return False
        store.remove(account)
    if account.provider == "google":
        google.revoke(account, grant)
    return True
