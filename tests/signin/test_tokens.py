"""Access tokens: refreshed early and once, by whichever process comes first; never lost."""

import asyncio
import json
import logging
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agentdesk.domain.clock import ManualClock
from agentdesk.domain.errors import LoginRefused, ServerUnreachable, SignInNeeded
from agentdesk.signin.flow import Way, sign_out
from agentdesk.signin.grant import Grant
from agentdesk.signin.registration import Registration
from agentdesk.signin.store import Store
from agentdesk.signin.tokens import Tokens
from tests.commands.command_world import free_port
from tests.signin.endpoint import Endpoint
from tests.signin.people import SOON, google, microsoft, signed_in

BOTH = pytest.mark.parametrize("provider", [microsoft, google])
HOUR = 3600


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "sign-in")


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


def issued(endpoint: Endpoint) -> list[str]:
    """Collects every access token from now on."""
    collected: list[str] = []
    endpoint.on_token = collected.append
    return collected


@BOTH
async def test_a_token_is_used_until_five_minutes_before_its_end(
    provider, endpoint: Endpoint, store: Store, clock: ManualClock
) -> None:
    account = provider(endpoint)
    grant, _ = signed_in(account, store, endpoint, clock)
    tokens = Tokens(account, store, clock)
    clock.turn(HOUR - 300 - 61)  # the jitter is a minute at most
    assert await tokens.fetch() == grant.access_token
    assert endpoint.refreshes == 0
    clock.turn(62)
    fresh = await tokens.fetch()
    assert fresh != grant.access_token
    assert await tokens.fetch() == fresh
    assert endpoint.refreshes == 1


@BOTH
async def test_every_refresh_token_is_kept_before_its_access_token_is_used(
    provider, endpoint: Endpoint, store: Store, clock: ManualClock
) -> None:
    """Each refresh ends the old refresh token: one that is lost would be the last."""
    account = provider(endpoint)
    signed_in(account, store, endpoint, clock)
    for number in range(1, 4):
        clock.turn(HOUR)
        token = await Tokens(account, store, clock).fetch()
        kept = store.load(account)
        assert kept is not None
        assert kept.access_token == token
        assert kept.refresh_token in endpoint.alive
        assert endpoint.refreshes == number


@BOTH
async def test_a_refresh_token_that_is_not_replaced_stays(
    provider, endpoint: Endpoint, store: Store, clock: ManualClock
) -> None:
    endpoint.rotates = False
    account = provider(endpoint)
    grant, _ = signed_in(account, store, endpoint, clock)
    clock.turn(HOUR)
    await Tokens(account, store, clock).fetch()
    kept = store.load(account)
    assert kept is not None
    assert kept.refresh_token == grant.refresh_token
    assert kept.person == grant.person
    assert kept.client_secret == grant.client_secret


async def test_a_refused_token_is_replaced_at_once(
    endpoint: Endpoint, store: Store, clock: ManualClock
) -> None:
    account = microsoft(endpoint)
    grant, _ = signed_in(account, store, endpoint, clock)
    one, two = Tokens(account, store, clock), Tokens(account, store, clock)
    assert await one.fetch() == await two.fetch() == grant.access_token
    fresh = await one.fetch(grant.access_token)
    assert fresh != grant.access_token
    assert await two.fetch(grant.access_token) == fresh  # the other's refresh is enough for both
    assert endpoint.refreshes == 1


async def test_two_loops_of_one_process_refresh_once(
    endpoint: Endpoint, store: Store, clock: ManualClock
) -> None:
    account = microsoft(endpoint)
    signed_in(account, store, endpoint, clock)
    clock.turn(HOUR)
    tokens = Tokens(account, store, clock)
    assert len(set(await asyncio.gather(*(tokens.fetch() for _ in range(5))))) == 1
    assert endpoint.refreshes == 1


PROCESS = """
import asyncio, json, sys
from pathlib import Path
from agentdesk.domain.clock import SystemClock
from agentdesk.signin.registration import Registration
from agentdesk.signin.store import Store
from agentdesk.signin.tokens import Tokens

data = json.loads(sys.argv[1])
account = Registration(**data["account"] | {"ca_file": Path(data["account"]["ca_file"])})
store = Store(Path(data["folder"]), use_keyring=False)
print("ready", flush=True)
sys.stdin.readline()
print(asyncio.run(Tokens(account, store, SystemClock()).fetch()), flush=True)
"""


def process(account: Registration, folder: Path, script: str = PROCESS) -> "subprocess.Popen[str]":
    """A process that fetches a token once it is told to."""
    fields = {name: getattr(account, name) for name in Registration.__slots__}
    fields["ca_file"] = str(fields["ca_file"])
    argument = json.dumps({"account": fields, "folder": str(folder)})
    begun = subprocess.Popen(
        [sys.executable, "-c", script, argument],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert begun.stdout is not None
    assert begun.stdout.readline() == "ready\n"
    return begun


def go(running: "subprocess.Popen[str]") -> None:
    assert running.stdin is not None
    running.stdin.write("\n")
    running.stdin.flush()


def ended_sign_in(account: Registration, endpoint: Endpoint, folder: Path) -> Store:
    """Kept in a file, with an access token that has just ended."""
    store = Store(folder, use_keyring=False)
    grant, _ = signed_in(account, store, endpoint)
    now = datetime.now(UTC)
    ended = replace(grant, obtained_at=now - timedelta(hours=1), expires_at=now)
    store.save(account, ended)
    return store


@BOTH
def test_processes_that_come_at_the_same_time_refresh_once(
    provider, endpoint: Endpoint, tmp_path: Path
) -> None:
    account = provider(endpoint)
    store = ended_sign_in(account, endpoint, tmp_path)
    running = [process(account, tmp_path) for _ in range(3)]
    for each in running:
        go(each)
    tokens = [each.communicate(timeout=SOON)[0].strip() for each in running]
    assert endpoint.refreshes == 1
    kept = store.load(account)
    assert kept is not None
    assert tokens == [kept.access_token] * 3
    assert kept.refresh_token in endpoint.alive


def test_a_process_that_is_killed_while_refreshing_holds_up_nobody(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    account = microsoft(endpoint)
    store = ended_sign_in(account, endpoint, tmp_path)
    reached, released = threading.Event(), threading.Event()

    def hold() -> None:
        reached.set()
        released.wait(SOON)

    endpoint.while_refreshing, endpoint.rotates = hold, False
    victim = process(account, tmp_path)
    go(victim)
    assert reached.wait(SOON)
    victim.kill()
    victim.wait(SOON)
    endpoint.while_refreshing = lambda: None
    released.set()
    next_one = process(account, tmp_path)
    go(next_one)
    token = next_one.communicate(timeout=SOON)[0].strip()
    kept = store.load(account)
    assert kept is not None
    assert kept.access_token == token


LEAVING = "from agentdesk.signin import tokens" + PROCESS.replace(
    "print(asyncio.run(Tokens(account, store, SystemClock()).fetch()), flush=True)",
    """
async def leave():
    tokens.LAST_S = 60.0
    fetching = asyncio.create_task(Tokens(account, store, SystemClock()).fetch())
    await asyncio.to_thread(sys.stdin.readline)
    fetching.cancel()
    print("leaving", flush=True)
asyncio.run(leave())
""",
)


def test_a_process_that_ends_while_refreshing_keeps_what_it_gets(
    endpoint: Endpoint, tmp_path: Path
) -> None:
    """The old refresh token is void by then."""
    account = microsoft(endpoint)
    store = ended_sign_in(account, endpoint, tmp_path)
    reached, released = threading.Event(), threading.Event()

    def hold() -> None:
        reached.set()
        released.wait(SOON)

    endpoint.while_refreshing = hold
    leaving = process(account, tmp_path, LEAVING)
    go(leaving)
    assert reached.wait(SOON)
    go(leaving)
    assert leaving.stdout is not None
    assert leaving.stdout.readline() == "leaving\n"
    with pytest.raises(subprocess.TimeoutExpired):
        leaving.wait(0.5)  # it waits for its refresh, and for nothing else
    released.set()
    assert leaving.wait(SOON) == 0
    kept = store.load(account)
    assert kept is not None
    assert kept.refresh_token in endpoint.alive
    assert kept.good_at(datetime.now(UTC))


@BOTH
async def test_a_revoked_sign_in_needs_a_person_and_is_noted(
    provider, endpoint: Endpoint, store: Store, clock: ManualClock
) -> None:
    account = provider(endpoint)
    signed_in(account, store, endpoint, clock)
    endpoint.revoke()
    clock.turn(HOUR)
    tokens = Tokens(account, store, clock)
    with pytest.raises(SignInNeeded) as caught:
        await tokens.fetch()
    sentence = str(caught.value)
    assert sentence.startswith("support@northwind.example needs sign-in (the sign-in was revoked")
    assert sentence.endswith("run agentdesk sign-in support.")
    kept = store.load(account)
    assert kept is not None
    assert kept.problem

    before = tokens.last_sign_in()
    grant, _ = signed_in(account, store, endpoint, clock)
    assert tokens.last_sign_in() != before
    assert await tokens.fetch() == grant.access_token
    kept = store.load(account)
    assert kept is not None
    assert not kept.problem


async def test_without_a_sign_in_a_person_is_needed(
    endpoint: Endpoint, store: Store, clock: ManualClock
) -> None:
    account = microsoft(endpoint)
    tokens = Tokens(account, store, clock)
    with pytest.raises(SignInNeeded, match="needs sign-in: run agentdesk sign-in support"):
        await tokens.fetch()
    signed_in(account, store, endpoint, clock)
    await tokens.fetch()
    sign_out(account, store)
    with pytest.raises(SignInNeeded):
        await tokens.fetch()


async def test_a_grant_of_another_application_is_not_used(
    endpoint: Endpoint, store: Store, clock: ManualClock
) -> None:
    signed_in(microsoft(endpoint), store, endpoint, clock)
    with pytest.raises(SignInNeeded, match="client_id is another one now"):
        await Tokens(microsoft(endpoint, client_id="other"), store, clock).fetch()


@BOTH
async def test_a_login_server_that_is_down_costs_nothing_while_the_token_lives(
    provider, endpoint: Endpoint, store: Store, clock: ManualClock
) -> None:
    grant, _ = signed_in(provider(endpoint), store, endpoint, clock)
    gone = provider(endpoint, authority=f"https://127.0.0.1:{free_port()}")
    tokens = Tokens(gone, store, clock)
    clock.turn(HOUR - 60)
    assert await tokens.fetch() == grant.access_token
    clock.turn(61)
    with pytest.raises(ServerUnreachable, match="cannot be reached"):
        await tokens.fetch()
    fresh = await Tokens(provider(endpoint), store, clock).fetch()
    assert fresh != grant.access_token


@BOTH
@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        ((503, {}), ServerUnreachable, "out of order"),
        ((400, {"error": "temporarily_unavailable"}), ServerUnreachable, "not able to sign in now"),
        ((401, {"error": "invalid_client"}), LoginRefused, "does not accept the application"),
        ((200, {"access_token": ""}), ServerUnreachable, "sent no access token"),
        ((200, {"access_token": "bad\r\ntoken"}), ServerUnreachable, "sent no access token"),
        ((400, {"error": "interaction_required"}), SignInNeeded, "needs sign-in"),
    ],
)
async def test_a_refresh_that_fails_is_typed_and_keeps_the_sign_in(
    provider, answer, error, words, endpoint: Endpoint, store: Store, clock: ManualClock
) -> None:
    account = provider(endpoint)
    grant, _ = signed_in(account, store, endpoint, clock)
    clock.turn(HOUR)
    endpoint.queued.append(answer)
    tokens = Tokens(account, store, clock)
    with pytest.raises(error, match=words):
        await tokens.fetch()
    kept = store.load(account)
    assert kept is not None
    assert kept.refresh_token == grant.refresh_token
    assert await tokens.fetch() != grant.access_token  # trying again works, and nothing was lost


async def test_a_token_with_a_short_life_is_used_for_half_of_it(
    endpoint: Endpoint, store: Store, clock: ManualClock
) -> None:
    endpoint.lifetime = 60
    account = microsoft(endpoint)
    grant, _ = signed_in(account, store, endpoint, clock)
    tokens = Tokens(account, store, clock)
    clock.turn(29)
    assert await tokens.fetch() == grant.access_token
    clock.turn(2)
    assert await tokens.fetch() != grant.access_token


async def test_no_token_is_logged(
    endpoint: Endpoint, store: Store, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    seen: list[Grant] = []
    for account in (microsoft(endpoint), google(endpoint)):
        seen.append(signed_in(account, store, endpoint, clock)[0])
        clock.turn(HOUR)
        await Tokens(account, store, clock).fetch()
        seen += [grant for grant in [store.load(account)] if grant]
    seen.append(signed_in(microsoft(endpoint), store, endpoint, clock, Way.DEVICE_CODE)[0])
    for grant in seen:
        assert grant.access_token not in caplog.text
        assert grant.refresh_token not in caplog.text
