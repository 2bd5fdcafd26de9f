"""Agents of a contact centre sign in: each as who they are there, side by side, refreshed once for all."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from agentdesk.domain.ccaas.errors import SignInMissing, Transient
from agentdesk.domain.ccaas.identity import Identity
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.errors import LoginRefused
from agentdesk.signin.agents import AgentSignIns
from agentdesk.signin.flow import sign_in, sign_out
from agentdesk.signin.loopback import Loopback
from agentdesk.signin.store import Store
from tests.signin.centres import ANA, Centre, centre, known

BEN = Identity("genesys", "ben", "Ben Okafor", "ben@northwind.example", known("Ben Okafor"))


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def there(clock: ManualClock) -> Iterator[Centre]:
    with centre(clock) as made:
        yield made


@pytest.fixture
def sign_ins(there: Centre, clock: ManualClock, tmp_path: Path) -> AgentSignIns:
    return AgentSignIns(there.registration(), Store(tmp_path / "sign-in"), clock)


def enter(sign_ins: AgentSignIns, there: Centre, who: Identity, name: str, clock: ManualClock):
    return sign_in(sign_ins.registration(who), sign_ins.store, clock, there.waiting(name))


def whose(there: Centre, token: str) -> str:
    headers = {"Authorization": f"Bearer {token}"}
    return requests.get(f"{there.address}/api/v2/users/me", headers=headers, timeout=10).json()[
        "name"
    ]


async def test_agents_sign_in_side_by_side_and_each_token_is_its_own_agents(
    there: Centre, sign_ins: AgentSignIns, clock: ManualClock
) -> None:
    ana = replace(ANA, external_id=known())
    assert not sign_ins.has(known())
    for who in (ana, BEN):
        grant, _ = await asyncio.to_thread(enter, sign_ins, there, who, who.name, clock)
        assert grant.person == who.name
    assert [sign_ins.has(known()), sign_ins.has(BEN.external_id)] == [True, True]
    assert whose(there, await sign_ins.fetch(known())) == "Ana Ruiz"
    assert whose(there, await sign_ins.fetch(BEN.external_id)) == "Ben Okafor"
    assert sign_out(sign_ins.registration(ana), sign_ins.store)
    assert [sign_ins.has(known()), sign_ins.has(BEN.external_id)] == [False, True]
    with pytest.raises(SignInMissing, match="Northwind Telephony needs sign-in"):
        await sign_ins.fetch(known())


def test_before_an_import_the_address_decides_who_somebody_is(
    there: Centre, sign_ins: AgentSignIns, clock: ManualClock
) -> None:
    enter(sign_ins, there, ANA, "Ana Ruiz", clock)
    assert sign_ins.has(known())
    nameless = replace(ANA, email="")
    with pytest.raises(LoginRefused, match="nothing was kept"):
        enter(sign_ins, there, nameless, "Ana Ruiz", clock)


@pytest.mark.parametrize("mapped", [known(), ""])
def test_nobody_signs_in_as_somebody_else(
    mapped: str, there: Centre, sign_ins: AgentSignIns, clock: ManualClock
) -> None:
    who = replace(ANA, external_id=mapped)
    with pytest.raises(LoginRefused) as caught:
        enter(sign_ins, there, who, "Ben Okafor", clock)
    assert str(caught.value) == (
        "The browser signed in Ben Okafor (ben@northwind.example), but this sign-in is for Ana Ruiz "
        "(ana@northwind.example): nothing was kept. Sign out in the browser, and try again."
    )
    assert not sign_ins.has(known())
    assert not sign_ins.has(BEN.external_id)


async def test_two_processes_refresh_once_between_them(
    there: Centre, sign_ins: AgentSignIns, clock: ManualClock
) -> None:
    await asyncio.to_thread(enter, sign_ins, there, ANA, "Ana Ruiz", clock)
    other = AgentSignIns(sign_ins.centre, sign_ins.store, clock)
    first = await sign_ins.fetch(known())
    clock.turn(86_200)  # the token lasts a day
    fresh = await asyncio.gather(sign_ins.fetch(known()), other.fetch(known()))
    assert len({first, *fresh}) == 2
    assert whose(there, fresh[0]) == "Ana Ruiz"
    assert await other.fetch(known(), refused=fresh[0]) != fresh[0]


async def test_a_sign_in_that_was_revoked_says_what_to_do_until_the_next_one(
    there: Centre, sign_ins: AgentSignIns, clock: ManualClock
) -> None:
    await asyncio.to_thread(enter, sign_ins, there, ANA, "Ana Ruiz", clock)
    token = await sign_ins.fetch(known())
    there.revoke()
    with pytest.raises(SignInMissing) as caught:
        await sign_ins.fetch(known(), refused=token)
    assert str(caught.value) == (
        "Northwind Telephony needs sign-in (The refresh token is unknown or was used): choose Sign in "
        "to contact centre on the desk, or run agentdesk ccaas sign-in genesys."
    )
    assert not sign_ins.has(known())
    await asyncio.to_thread(enter, sign_ins, there, ANA, "Ana Ruiz", clock)
    assert sign_ins.has(known())
    assert whose(there, await sign_ins.fetch(known())) == "Ana Ruiz"


async def test_a_login_server_that_is_gone_is_no_lost_sign_in(
    there: Centre, sign_ins: AgentSignIns, clock: ManualClock
) -> None:
    await asyncio.to_thread(enter, sign_ins, there, ANA, "Ana Ruiz", clock)
    clock.turn(90_000)
    nowhere = replace(sign_ins.centre, authority="http://127.0.0.1:9")
    with pytest.raises(Transient, match="cannot be reached"):
        await AgentSignIns(nowhere, sign_ins.store, clock).fetch(known())
    assert sign_ins.has(known())


def test_a_registered_port_that_is_taken_is_told(
    there: Centre, sign_ins: AgentSignIns, clock: ManualClock
) -> None:
    with Loopback() as taken:
        account = replace(sign_ins.registration(ANA), redirect_port=taken.port)
        with pytest.raises(LoginRefused, match=f"Port {taken.port} of this machine"):
            sign_in(account, sign_ins.store, clock, there.waiting())
