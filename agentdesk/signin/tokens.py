"""Access tokens for one account: refreshed early, once for all processes of this person."""

import asyncio
import atexit
import logging
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any

from agentdesk.domain.clock import Clock
from agentdesk.domain.errors import MailProblem, ServerUnreachable, SignInNeeded
from agentdesk.signin import flow
from agentdesk.signin.grant import Grant, from_answer
from agentdesk.signin.refusals import needed, reason, refusal
from agentdesk.signin.registration import Registration
from agentdesk.signin.store import Store
from agentdesk.signin.threads import in_thread
from agentdesk.signin.waiting import Task, Waiting

JITTER_S = 60.0
LAST_S = 2.0
log = logging.getLogger(__name__)


class Tokens:
    """Hands out access tokens of *account*. `fetch` is what `mail.account.AccessTokens` wants."""

    def __init__(self, account: Registration, store: Store, clock: Clock) -> None:
        self.account = account
        self._store, self._clock = store, clock
        self._sooner = timedelta(seconds=random.uniform(0, JITTER_S))
        self._turn = asyncio.Lock()
        self._held: Grant | None = None
        self._seen: object = None

    def __repr__(self) -> str:
        return f"Tokens({self.account.address})"

    @property
    def person(self) -> str:
        """Who signed in, as of the last `fetch`; empty where the provider does not tell."""
        return self._held.person if self._held else ""

    @property
    def expires_at(self) -> datetime:
        """When the access token of the last `fetch` ends, UTC."""
        return self._held.expires_at if self._held else self._clock.now()

    def last_sign_in(self) -> object:
        """Another value after every sign-in by a person, also in another process; None without one."""
        return self._store.last_sign_in(self.account)

    async def sign_in(self, show: Callable[[Task], None]) -> str:
        """Let a person sign in, in the way that is usual here; who it was, if the provider tells.

        *show* is called in the event loop. Cancelling ends the wait. Raises as `flow.sign_in`.
        """
        loop, stop = asyncio.get_running_loop(), threading.Event()
        waiting = Waiting(partial(_in_loop, loop, show), stop)
        sign_in = partial(flow.sign_in, self.account, self._store, self._clock, waiting)
        try:
            grant, _ = await in_thread(sign_in)
        finally:
            stop.set()
        return grant.person

    async def fetch(self, refused: str = "") -> str:
        """An access token for the next minutes; another one than *refused*.

        Raises `SignInNeeded` and `LoginRefused` where a person must act, else `ServerUnreachable`.
        """
        async with self._turn:
            held = self._held
            if (
                held is None
                or self._seen != self._store.revision(self.account)
                or not self._usable(held, refused)
            ):
                held = await in_thread(partial(self._renewed, refused))
            return held.access_token

    def _usable(self, grant: Grant, refused: str) -> bool:
        if grant.access_token == refused:
            return False
        now = self._clock.now()
        if not grant.refresh_token:  # a contact centre may give none: it is used to its end
            return grant.alive_at(now)
        return grant.good_at(now, self._sooner)

    def _renewed(self, refused: str) -> Grant:
        """In a thread: the grant as it is kept, refreshed if no other process has done it."""
        with self._store.alone(self.account):
            grant = self._store.load(self.account)
            if grant is None:
                raise needed(self.account)
            if grant.client_id != self.account.client_id:
                raise needed(self.account, "its client_id is another one now")
            if not self._usable(grant, refused):
                with _not_left_half_done():
                    grant = self._refreshed(grant, refused)
            self._held, self._seen = grant, self._store.revision(self.account)
            return grant

    def _refreshed(self, grant: Grant, refused: str) -> Grant:
        try:
            answer = self._ask(grant)
        except ServerUnreachable:
            if grant.access_token != refused and grant.alive_at(self._clock.now()):
                return grant  # it was early: there is time to try again
            raise
        try:
            fresh = from_answer(answer, self.account.client_id, self._clock.now(), grant)
        except ValueError as error:
            raise ServerUnreachable(
                f"{self.account.provider_name} sent no access token: it will be tried again."
            ) from error
        try:
            self._store.save(self.account, fresh)  # before its first use: it may be the only one
        except ServerUnreachable:
            log.exception("a refreshed sign-in of %s is not kept", self.account.address)
        return fresh

    def _ask(self, grant: Grant) -> dict[str, Any]:
        """The token endpoint's answer; its refusal is noted for everybody, and raised."""
        if not grant.refresh_token:
            raise needed(self.account, "its time is over")
        answer: dict[str, Any] = self._provider().refresh(self.account, grant)
        if "error" not in answer:
            return answer
        error = refusal(self.account, answer, renewing=True)
        if isinstance(error, SignInNeeded):
            self._note(grant, reason(answer) or str(answer["error"]))
        raise error

    def _provider(self) -> Any:
        from agentdesk.signin import genesys, google, microsoft

        providers = {"microsoft": microsoft, "google": google, "genesys": genesys}
        return providers[self.account.provider]

    def _note(self, grant: Grant, problem: str) -> None:
        if grant.problem != problem:
            try:
                self._store.save(self.account, replace(grant, problem=problem))
            except MailProblem as error:
                log.warning("%s", error)


_refreshing: set[threading.Event] = set()


@contextmanager
def _not_left_half_done() -> Iterator[None]:
    """Inside, an ordinary end of the program waits for us: the old refresh token may be void."""
    done = threading.Event()
    _refreshing.add(done)
    try:
        yield
    finally:
        done.set()
        _refreshing.discard(done)


@atexit.register
def _let_refreshes_end() -> None:
    """At most two seconds; a login server that takes longer is not waited for."""
    until = monotonic() + LAST_S
    for done in tuple(_refreshing):
        done.wait(max(0.0, until - monotonic()))


def _in_loop(loop: asyncio.AbstractEventLoop, show: Callable[[Task], None], task: Task) -> None:
    loop.call_soon_threadsafe(show, task)
