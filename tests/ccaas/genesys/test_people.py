"""Agents, targets and the catalogue, through the adapter."""

from collections import Counter

import pytest

from agentdesk.domain.ccaas.errors import SignInMissing, TargetNotAuthorised, UnknownThere
from agentdesk.domain.ccaas.values import CentreTarget, Kind, TargetKind
from agentdesk.sandbox.catalogue import PRESENCE_IDS
from tests.ccaas.rooms import Room


def names(found: tuple[CentreTarget, ...]) -> list[str]:
    return [target.name for target in found]


async def test_an_agent_is_told_with_presence_load_and_capacity(here: Room) -> None:
    await here.on_queue("ana")
    first = await here.accepted("ana")
    await here.offered("ana")
    await here.centre.park(first, parked=True, key="1")
    state = await here.centre.agent_state(here.agent("ana"))
    assert (state.presence, state.on_queue, state.responding) == (
        PRESENCE_IDS["OnQueue"],
        True,
        True,
    )
    assert (state.used, state.capacity, state.parked) == (1, 2, 1)
    assert state.changed_at == here.clock.now()
    without = await here.another().agent_state(here.agent("ana"))
    assert (without.used, without.capacity, without.parked) == (1, 2, 0)
    with pytest.raises(UnknownThere):
        await here.centre.agent_state("nobody")


async def test_who_missed_an_offer_does_not_respond_until_set_on_queue_again(here: Room) -> None:
    await here.on_queue("ana")
    await here.offered("ana")
    await here.turn(30)
    assert not (await here.centre.agent_state(here.agent("ana"))).responding
    await here.centre.set_presence(here.agent("ana"), PRESENCE_IDS["OnQueue"])
    state = await here.centre.agent_state(here.agent("ana"))
    assert (state.on_queue, state.responding) == (True, True)
    await here.centre.set_presence(here.agent("ana"), PRESENCE_IDS["Meal"])
    state = await here.centre.agent_state(here.agent("ana"))
    assert (state.presence, state.on_queue) == (PRESENCE_IDS["Meal"], False)


async def test_what_an_agent_holds_is_told_where_their_sign_in_is(here: Room) -> None:
    await here.on_queue("ana")
    parked, connected = await here.accepted("ana"), await here.accepted("ana")
    await here.centre.park(parked, parked=True, key="1")
    held = await here.centre.held_by(here.agent("ana"))
    assert set(held) == {parked.external_id, connected.external_id}
    await here.centre.end(connected, "2")
    assert await here.centre.held_by(here.agent("ana")) == (parked.external_id,)
    elsewhere = here.another("ben")
    assert await elsewhere.held_by(here.agent("ana")) == ()
    assert not elsewhere.acts_for(here.agent("ana"))
    with pytest.raises(SignInMissing):
        await elsewhere.accept(connected, "3")
    await elsewhere.disconnect()


async def test_targets_are_queues_then_agents_without_oneself_and_the_current_queue(
    here: Room,
) -> None:
    await here.on_queue("ana")
    at = await here.accepted("ana")
    await here.on_queue("cleo")
    await here.presence("dev", "Busy")
    found = await here.centre.targets(at)
    assert names(found) == ["Returns", "Suppliers", "Cleo Haas", "Dev Patel", "Ben Okafor"]
    stands = {t.name: (t.available, t.words, t.used, t.capacity) for t in found}
    assert stands["Returns"] == (True, "4 members", 0, 0)
    assert stands["Cleo Haas"] == (True, "On queue, idle", 0, 3)
    assert stands["Dev Patel"] == (True, "Busy, off queue", 0, 1)
    assert stands["Ben Okafor"] == (False, "Offline, off queue", 0, 0)
    assert names(await here.centre.targets(at, " HAAS ")) == ["Cleo Haas"]


async def test_targets_are_asked_for_once_a_minute(here: Room) -> None:
    await here.on_queue("ana")
    at = await here.accepted("ana")
    await here.centre.targets(at)
    await here.presence("ben", "Available")
    before = here.checked.requests
    stale = {t.name: t.words for t in await here.centre.targets(at)}
    assert (stale["Ben Okafor"], here.checked.requests) == ("Offline, off queue", before)
    await here.turn(61)
    fresh = {t.name: t.words for t in await here.centre.targets(at)}
    assert fresh["Ben Okafor"] == "Available, off queue"


async def test_who_is_full_is_listed_and_not_available(here: Room) -> None:
    await here.on_queue("dev")
    await here.accepted("dev")
    await here.on_queue("ana")
    at = await here.accepted("ana")
    (dev,) = await here.centre.targets(at, "Dev")
    assert (dev.available, dev.words, dev.used, dev.capacity) == (
        False,
        "On queue, at work",
        1,
        1,
    )


async def test_rights_decide_what_is_listed_and_the_answer_decides_what_is_done(here: Room) -> None:
    await here.on_queue("dev")
    at = await here.accepted("dev")
    found = await here.centre.targets(at)
    assert Counter(t.kind for t in found) == {TargetKind.QUEUE: 2}
    right = {"agent": here.agent("dev"), "right": "blindTransferQueue"}
    await here.panel("rights", **right, granted=False)
    assert await here.centre.targets(at) == found
    with pytest.raises(TargetNotAuthorised, match="choose another target, or ask"):
        await here.centre.transfer(at, found[0], "1")
    await here.turn(61)
    assert await here.centre.targets(at) == ()


async def test_the_catalogue_has_queues_agents_presences_and_codes(here: Room) -> None:
    found = await here.centre.catalogue()
    counted = Counter(record.kind for record in found)
    assert counted == {Kind.QUEUE: 3, Kind.AGENT: 4, Kind.PRESENCE: 9, Kind.CODE: 5}
    ana = next(r for r in found if r.external_id == here.agent("ana"))
    assert (ana.name, ana.detail) == ("Ana Ruiz", "ana@northwind.example")
    claims = next(r for r in found if r.external_id == here.queue("Claims"))
    assert claims.detail.startswith("Resolved, Call back")
