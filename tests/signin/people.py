"""Accounts at the tests' login server, and a person who signs in to them."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from agentdesk.domain.clock import Clock, ManualClock
from agentdesk.signin.flow import Way, sign_in
from agentdesk.signin.grant import Grant
from agentdesk.signin.registration import Registration
from agentdesk.signin.store import Store
from agentdesk.signin.waiting import Task, Waiting
from tests.signin.endpoint import CLIENT, SECRET, TENANT, Endpoint

ADDRESS = "support@northwind.example"
SOON = 15.0  # seconds: a test that waits so long has failed


def microsoft(endpoint: Endpoint, **changes: Any) -> Registration:
    """The support mailbox at Microsoft."""
    made = Registration(
        provider="microsoft",
        key="support",
        address=ADDRESS,
        user=ADDRESS,
        client_id=CLIENT,
        authority=endpoint.address,
        tenant=TENANT,
        ca_file=endpoint.authority.ca_file,
    )
    return replace(made, **changes)


def google(endpoint: Endpoint, **changes: Any) -> Registration:
    """The support mailbox at Google."""
    return replace(microsoft(endpoint), provider="google", **changes)


def signed_in(
    account: Registration,
    store: Store,
    endpoint: Endpoint,
    clock: Clock | None = None,
    way: Way = Way.BROWSER,
    *,
    act: Callable[[Task], Any] | None = None,
    stop: threading.Event | None = None,
    patience: float = SOON,
) -> tuple[Grant, str]:
    """The whole way, with a person who agrees unless *act* does something else."""

    def person(task: Task) -> None:
        if act is not None:
            act(task)
        elif task.code:
            endpoint.approve()
        else:
            threading.Thread(target=endpoint.browse, args=[task.address], daemon=True).start()

    waiting = Waiting(person, stop or threading.Event(), patience, lambda address: False)
    secret = SECRET if account.provider == "google" else ""
    return sign_in(account, store, clock or ManualClock(), waiting, way=way, secret=secret)
