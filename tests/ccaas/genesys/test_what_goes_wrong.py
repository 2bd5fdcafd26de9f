"""Each fault of the panel, seen through the adapter: a typed error, and a sentence that says what to do."""

import re

import pytest

import agentdesk.ccaas.http as http
from agentdesk.domain.ccaas.errors import (
    AuthExpired,
    CentreProblem,
    Forbidden,
    RateLimited,
    SignInMissing,
    StaleSegment,
    Transient,
    UnknownThere,
)
from agentdesk.domain.ccaas.values import SegmentState
from tests.ccaas.rooms import Room, adapter, room

SENTENCE = re.compile(r"^[A-Z].{20,}[^.]\.$", re.DOTALL)


def good(error: CentreProblem) -> bool:
    """It names the centre, and is a sentence."""
    said = str(error)
    return "Genesys Cloud" in said and SENTENCE.match(said) is not None and ".)" not in said


@pytest.mark.parametrize(
    ("status", "kind", "times"),
    [
        (401, AuthExpired, 2),
        (403, Forbidden, 1),
        (404, UnknownThere, 1),
        (409, StaleSegment, 1),
        (429, RateLimited, 1),
        (500, Transient, 1),
        (502, Transient, 1),
        (503, Transient, 1),
        (504, Transient, 1),
    ],
)
async def test_each_refusal_is_an_error_of_its_own(
    here: Room, status: int, kind: type[CentreProblem], times: int
) -> None:
    conversation = await here.waiting()
    await here.panel("faults", fail_status=status, fail_count=times, retry_after_s=7)
    with pytest.raises(kind) as raised:
        await here.centre.snapshot(conversation)
    assert type(raised.value) is kind
    assert good(raised.value)
    if status in (429, 503):
        assert getattr(raised.value, "retry_after", None) == 7
    if status == 429:
        with pytest.raises(RateLimited, match="as often as it allows"):
            await here.centre.snapshot(conversation)
    else:
        assert (await here.centre.snapshot(conversation)).waiting


async def test_a_token_that_is_refused_once_is_replaced_unseen(here: Room) -> None:
    conversation = await here.waiting()
    await here.panel("faults", fail_status=401, fail_count=1)
    assert (await here.centre.snapshot(conversation)).waiting


async def test_tokens_that_were_revoked_or_ran_out_are_replaced(here: Room) -> None:
    await here.on_queue("ana")
    at = await here.offered("ana")
    await here.panel("revoke", agent="Ana Ruiz")
    await here.centre.accept(at, "1")
    await here.turn(86_500)
    assert (await here.segment(at)).state is SegmentState.CONNECTED
    await here.centre.park(at, parked=True, key="2")


async def test_who_signed_out_is_asked_to_sign_in(here: Room) -> None:
    await here.on_queue("ana")
    at = await here.offered("ana")
    here.tokens.signed_in.clear()
    for command in (here.centre.accept(at, "1"), here.centre.wrap_up(at, here.code(), "", "2")):
        with pytest.raises(SignInMissing):
            await command


async def test_a_service_that_cannot_sign_in_now_tries_again(here: Room) -> None:
    await here.panel("faults", fail_status=503, fail_count=1)
    with pytest.raises(Transient) as raised:
        await here.waiting()
    assert good(raised.value)
    assert await here.waiting()


@pytest.mark.parametrize("secret", ["wrong", ""])
async def test_a_service_that_cannot_sign_in_says_where_to_look(here: Room, secret: str) -> None:
    other = adapter(here.wire.address, here.tokens, here.clock, secret)
    with pytest.raises(SignInMissing, match="look at client_id in settings") as raised:
        await other.submit(here.work(), "k")
    assert good(raised.value)
    await other.disconnect()


async def test_the_service_keeps_its_token(here: Room) -> None:
    for _ in range(3):
        await here.waiting()
    assert len((await here.wire.state())["tokens"]) == 1


@pytest.mark.parametrize("after", [False, True])
async def test_whether_a_failed_hand_over_took_effect_is_found_by_its_key(
    here: Room, after: bool
) -> None:
    await here.centre.catalogue()
    await here.panel("faults", fail_status=503, fail_count=1, fail_after=after)
    work = here.work()
    with pytest.raises(Transient):
        await here.centre.submit(work, "the-key")
    made = [c["id"] for c in (await here.wire.state())["conversations"]]
    assert len(made) == int(after)
    for conversation in made:
        found = await here.centre.snapshot(conversation)
        assert found.attributes["agentdesk.key"] == "the-key"


async def test_a_command_whose_answer_was_lost_can_be_said_again(here: Room) -> None:
    await here.on_queue("ana")
    at = await here.offered("ana")
    await here.centre.codes(at)
    await here.panel("faults", fail_status=502, fail_count=1, fail_after=True)
    with pytest.raises(Transient):
        await here.centre.accept(at, "1")
    await here.centre.accept(at, "1")
    assert (await here.segment(at)).state is SegmentState.CONNECTED


async def test_an_answer_that_does_not_come_is_given_up(
    here: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "WITHIN_S", 0.15)
    await here.panel("faults", latency_ms=700)
    with pytest.raises(Transient, match="does not answer in time") as raised:
        await here.centre.agent_state(here.agent("ana"))
    assert good(raised.value)


async def test_a_server_that_is_not_there_is_not_reached() -> None:
    async with room() as here:
        address = here.wire.address
    gone = adapter(address, here.tokens, here.clock)
    with pytest.raises(Transient, match="cannot be reached") as raised:
        await gone.snapshot("any")
    assert good(raised.value)
    with pytest.raises(Transient):
        await anext(aiter(gone.events()))
    await gone.disconnect()


async def test_another_clock_there_is_measured_and_offers_end_by_it(here: Room) -> None:
    await here.on_queue("ana")
    await here.panel("clock", seconds=3_600)
    at = await here.offered("ana")
    now = await here.centre.snapshot(at.external_id)
    assert (now.at - here.clock.now()).total_seconds() == 3_600
    offered = await here.segment(at)
    assert offered.expires_in is not None
    assert offered.expires_in.total_seconds() == 30


async def test_a_right_of_the_service_that_is_missing_is_told(here: Room) -> None:
    conversation = await here.waiting()
    await here.panel("faults", fail_status=403, fail_count=1)
    with pytest.raises(Forbidden, match="ask its administrator for the right"):
        await here.centre.close(conversation)
