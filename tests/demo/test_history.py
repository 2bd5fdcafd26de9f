"""The demo's past is one that the desk could have had."""

import asyncio
import shutil
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from agentdesk import services
from agentdesk.bootstrap import plan
from agentdesk.demo import history, settings_file
from agentdesk.demo.casework import late_answers
from agentdesk.demo.mailers import Written, build
from agentdesk.demo.people import DESK, KNOWN, SEUN
from agentdesk.demo.world import DemoWorld
from agentdesk.domain.case import CaseState
from agentdesk.domain.clock import ManualClock
from agentdesk.domain.ids import MessageId
from agentdesk.domain.interaction import CLOSED, State
from agentdesk.domain.ladder import Rung
from agentdesk.domain.message import Address
from agentdesk.domain.views import EntryKind
from agentdesk.mail.mime import attachment_bytes, understand
from agentdesk.services.desk import Desk
from agentdesk.settings import Settings, load
from agentdesk.storage import blobs, events
from agentdesk.storage import tables as t
from tests.desks import World, desk, mail

NOW = datetime(2026, 3, 4, 14, 30, tzinfo=UTC)
CLOSED_STATES = [s.value for s in CLOSED]


async def demo_settings(folder: Path) -> Settings:
    async with DemoWorld(1, 1.0, ManualClock(NOW)) as world:
        return load(settings_file.write(folder, world)[0])


async def seed(url: str, settings: Settings, *, number: int = 1, login: str = "ana") -> None:
    clock = ManualClock(NOW)
    rules, setup = plan.rules(settings), plan.setup(settings)
    async with desk(url, clock=clock, rules=rules, setup=setup) as made:
        await history.seed(made, NOW, number, login)


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, Path]:
    """Settings, and a database with a history, made once."""
    folder = tmp_path_factory.mktemp("demo")

    async def make() -> Settings:
        settings = await demo_settings(folder)
        await seed(f"sqlite:///{folder / 'made.db'}", settings)
        return settings

    return asyncio.run(make()), folder / "made.db"


@pytest.fixture
async def world(seeded: tuple[Settings, Path], tmp_path: Path) -> AsyncIterator[World]:
    """An open desk with a history of its own."""
    settings, made = seeded
    shutil.copy(made, tmp_path / "demo.db")
    clock = ManualClock(NOW)
    rules, setup = plan.rules(settings), plan.setup(settings)
    url = f"sqlite:///{tmp_path / 'demo.db'}"
    async with desk(url, clock=clock, rules=rules, setup=setup) as opened:
        yield World(opened, clock)


async def rows(opened: Desk, query: sa.Select) -> list[sa.Row]:
    async with opened.store.read() as tx:
        return await tx.all(query)


async def test_there_are_hundreds_of_closed_interactions_of_all_sorts(world: World) -> None:
    where = t.interactions.c.state.in_(CLOSED_STATES)
    closed = await rows(world.desk, sa.select(t.interactions).where(where))
    assert len(closed) > 300
    joined = t.wrap_up_segments.join(
        t.wrap_up_codes, t.wrap_up_codes.c.id == t.wrap_up_segments.c.code_id
    )
    ends = await rows(world.desk, sa.select(t.wrap_up_codes.c.key).select_from(joined))
    counts = Counter(r.key for r in ends)
    assert {"issue_resolved", "information_given", "refund_given", "spam"} <= counts.keys()
    assert counts["task_created"] == 12 + 8
    assert counts["inactivity"] > 10
    assert any(r.parent_id for r in closed)


async def test_no_chain_of_events_is_broken(world: World) -> None:
    async with world.desk.store.read() as tx:
        heads = await tx.all(sa.select(t.chain_heads))
        broken = [h for h in heads if await events.first_broken_link(tx, h.record, h.record_id)]
    assert len(heads) > 600
    assert broken == []


async def test_each_closed_interaction_has_one_finished_segment(world: World) -> None:
    i, s = t.interactions.c, t.wrap_up_segments.c
    joined = t.interactions.outerjoin(t.wrap_up_segments, s.interaction_id == i.id)
    query = sa.select(i.id, i.state, i.closed_at, s.submitted_at, s.code_id).select_from(joined)
    found = await rows(world.desk, query)
    assert len({r.id for r in found}) == len(found)
    for row in found:
        if row.state in CLOSED_STATES:
            assert row.code_id
            assert row.closed_at == row.submitted_at
        else:
            assert row.submitted_at is None


async def test_nothing_lies_in_the_future_and_changes_end_with_the_last_event(world: World) -> None:
    e, i = t.events.c, t.interactions.c
    moved = e.type.in_(["state_changed", "owner_changed", "opened", "mail_queued", "snoozed"])
    last = (
        sa.select(e.record_id, sa.func.max(e.at).label("at"))
        .where((e.record == "interaction") & moved)
        .group_by(e.record_id)
    ).subquery()
    query = sa.select(i.changed_at, last.c.at).join_from(
        t.interactions, last, last.c.record_id == i.id
    )
    for row in await rows(world.desk, query):
        assert row.changed_at == row.at
    told = e.record != "policy"
    query = sa.select(e.record, e.record_id, e.at).where(told).order_by(e.seq)
    of_record: dict[tuple[str, int], list[datetime]] = {}
    for row in await rows(world.desk, query):
        of_record.setdefault((row.record, row.record_id), []).append(row.at)
    for record, times in of_record.items():
        assert record[0] == "agent" or times == sorted(times)
    in_order = sorted(at for times in of_record.values() for at in times)
    assert in_order[-1] <= NOW
    assert in_order[0] > NOW - timedelta(days=60)


async def test_silence_is_watched_for_what_is_on_hold_and_for_nothing_else(world: World) -> None:
    held = sa.select(t.interactions.c.id).where(t.interactions.c.state == State.ON_HOLD.value)
    of_cases = t.deadlines.c.kind.in_(["case_target", "case_close"])
    watched = await rows(world.desk, sa.select(t.deadlines).where(sa.not_(of_cases)))
    snoozed = {d.subject for d in watched if d.kind == "snooze"}
    silent = {d.subject for d in watched if d.kind == "silence"}
    assert snoozed | silent == {d.subject for d in watched}
    assert snoozed | silent == {r.id for r in await rows(world.desk, held)}
    assert (len(snoozed), snoozed & silent) == (1, set())
    assert all(d.due_at > NOW for d in watched)


async def test_new_ids_never_meet_old_ones(world: World) -> None:
    tables = (t.interactions, t.messages, t.work_items, t.outbox, t.customers, t.mail_locations)
    async with world.desk.store.write() as tx:
        for table in tables:
            row = await tx.one(sa.select(sa.func.max(table.c.id)))
            assert row is not None
            last = row[0]
            if table is t.interactions:  # cases are of the same series
                case = await tx.one(sa.select(sa.func.max(t.cases.c.id)))
                last = max(last, case[0] if case is not None else 0)
            assert await tx.new_id(table) == last + 1


async def test_originals_say_what_the_stream_shows(world: World) -> None:
    async with world.desk.store.read() as tx:
        stored = await tx.all(sa.select(t.messages).where(t.messages.c.id % 7 == 0))
        raws = await blobs.get_many(tx, [m.sha256 for m in stored])
    for m in stored:
        read = understand(raws[m.sha256])
        assert read.message_id == m.header_id
        assert read.sender.email == m.sender
        assert read.text.split() == m.text.split()
        for a in m.attachments:
            assert len(attachment_bytes(raws[m.sha256], a["part"])) == a["size"]


async def test_the_desk_of_its_agent_is_set(world: World) -> None:
    ana = await world.sign_in("ana")
    desktop = await services.views.desktop(world.desk, ana)
    assert [r.state for r in desktop.ongoing] == [State.WORK_IN_PROGRESS] * 2
    assert [r.unread for r in desktop.ongoing] == [1, 0]
    assert len(desktop.on_hold) == 4
    soon = NOW + timedelta(minutes=10)
    assert [r.reminds_at is not None and r.reminds_at < soon for r in desktop.on_hold].count(
        True
    ) == 1
    assert [r.snoozed_until is not None for r in desktop.on_hold].count(True) == 1
    page = await services.views.stream(world.desk, ana, desktop.ongoing[0].interaction_id)
    new = [e.kind for e in page.entries if e.seq > page.read_through]
    assert new[0] is EntryKind.MAIL_IN
    letters = [e for e in page.entries if e.message_id]
    assert letters[0].attachments
    said = letters[-1].text[letters[-1].latest[0].start : letters[-1].latest[-1].end]
    assert "wrote" not in said
    assert len(said) < len(letters[-1].text)


async def test_something_is_offered_at_once_and_only_to_who_is_there(world: World) -> None:
    ana = await world.sign_in("ana")
    for _ in range(3):
        await services.routing.route(world.desk)
        world.clock.turn(10)
    assert len((await services.views.desktop(world.desk, ana)).inbox) == 2
    sue = await world.sign_in("sue")
    board = await services.board.board(world.desk, sue)
    assert {a.name: a.works for a in board.agents if a.name[0] in "BC"} == {
        "Ben Okafor": False,
        "Chi Tran": False,
    }
    assert all(a.used for a in board.agents if a.name[0] in "ABC")
    assert sum(q.waiting + q.offered_now for q in board.queues) == 3
    assert board.closed > 0


@pytest.mark.parametrize("login", ["ben", "chi", "sue"])
async def test_anybody_may_sit_at_the_desk(
    login: str, seeded: tuple[Settings, Path], tmp_path: Path
) -> None:
    settings, _ = seeded
    url = f"sqlite:///{tmp_path / 'demo.db'}"
    await seed(url, settings, login=login)
    rules, setup = plan.rules(settings), plan.setup(settings)
    async with desk(url, clock=ManualClock(NOW), rules=rules, setup=setup) as opened:
        world = World(opened, ManualClock(NOW))
        actor = await world.sign_in(login)
        assert (await services.presence.status(opened, actor)).presence == "available"
        await services.routing.route(opened)
        assert (await services.views.desktop(opened, actor)).inbox


async def test_search_finds_what_was_written_weeks_ago(world: World) -> None:
    ana = await world.sign_in("ana")
    for words in ("tennis balls", "Reißverschluss", "WELCOME10"):
        page = await services.views.interactions(world.desk, ana, search=words)
        assert page.rows, words
    page = await services.views.interactions(world.desk, ana, search=SEUN.name)
    assert {r.customer for r in page.rows} == {SEUN.name}


async def test_a_reply_to_a_closed_interaction_continues_it(world: World) -> None:
    m, i, p = t.messages.c, t.interactions.c, t.participants.c
    joined = t.messages.join(t.interactions, i.id == m.interaction_id)
    joined = joined.join(t.participants, p.thread_id == i.id)
    answers = (m.direction == "outbound") & i.state.in_(CLOSED_STATES)
    query = sa.select(m.header_id, i.number, p.email).select_from(joined).where(answers)
    (row, *_) = await rows(world.desk, query.order_by(m.id.desc()).limit(1))
    world.uid = 10_000  # behind the mails of the past
    await world.arrive(mail("Once more.", sender=Address(row.email), in_reply_to=row.header_id))
    ana = await world.sign_in("ana")
    newest = await rows(world.desk, sa.select(sa.func.max(i.id).label("id")))
    view = await services.views.interaction(world.desk, ana, newest[0].id)
    assert view.parent == row.number
    assert view.state is State.NEW


async def test_every_stream_can_be_read(world: World) -> None:
    ana = await world.sign_in("ana")
    found = await rows(world.desk, sa.select(t.interactions.c.id))
    for (key,) in found:
        page = await services.views.stream(world.desk, ana, key)
        assert page.entries[1].kind is EntryKind.MAIL_IN
        await services.views.interaction(world.desk, ana, key)


async def test_the_known_customers_are_there_with_their_companies(world: World) -> None:
    query = sa.select(t.customers).where(t.customers.c.kind != "guest")
    known = {r.name: r for r in await rows(world.desk, query)}
    assert known.keys() == {p.name for p in KNOWN}
    assert sum(bool(r.account_id) for r in known.values()) == 4
    cases = await rows(world.desk, sa.select(t.cases.c.state))
    assert Counter(r.state for r in cases)["closed"] >= 8


async def test_there_are_cases_in_every_state_with_service_levels_near_and_missed(
    world: World,
) -> None:
    found = await rows(world.desk, sa.select(t.cases))
    states = Counter(r.state for r in found)
    assert states.keys() == {s.value for s in CaseState}
    assert sum(r.merged_into is not None for r in found) == 1
    related = await rows(world.desk, sa.select(t.case_relations))
    watchers = await rows(world.desk, sa.select(t.case_watchers))
    assert (len(related), len(watchers)) == (1, 1)
    sue = await world.sign_in("sue")
    await services.deadlines.run_passed(world.desk)
    figures = (await services.board.board(world.desk, sue)).cases
    assert (figures.near >= 1, figures.overdue >= 1) == (True, True)
    busiest = Counter(r.customer_id for r in found if not r.closed_at).most_common(2)
    assert all(count >= 3 for _, count in busiest)


async def test_what_customers_answer_to_closed_threads_is_linked_to_the_right_case_by_words(
    world: World,
) -> None:
    ana = await world.sign_in("ana")
    world.uid = 10_000  # behind the mails of the past
    wanted = ("Skarv 4 tents: seam tape comes off", "Refund for the headlamp never came")
    for late, subject in zip(late_answers(), wanted, strict=True):
        to = next(m for m in DESK if m.key == late.queue)
        written = Written(
            late.person.address,
            to.sender,
            late.subject,
            late.text,
            f"late.{late.queue}@postbox.example",
            NOW,
            cites=late.cites,
        )
        await world.arrive(build(late.person.mailer, written), account=late.queue)
        (newest,) = await rows(world.desk, sa.select(sa.func.max(t.messages.c.id).label("id")))
        view = await services.links.decision(world.desk, ana, MessageId(newest.id))
        chosen = next(c for c in view.candidates if c.chosen)
        assert (view.rung, chosen.subject) == (Rung.BEST_SCORE, subject)
        assert len(view.candidates) >= 3
        assert chosen.words
        world.uid += 1


async def test_effort_of_the_past_is_told_apart(world: World) -> None:
    sue = await world.sign_in("sue")
    report = await services.effort.report(world.desk, sue, NOW - timedelta(days=28), NOW)
    for row in report.queues:
        assert 2 * 60 < row.effort.intake_s / row.interactions < 60 * 60
    assert any(row.cases and row.effort.resolution_s for row in report.agents)


async def test_the_same_seed_makes_the_same_history(
    seeded: tuple[Settings, Path], tmp_path: Path
) -> None:
    settings, made = seeded
    told = []
    for name, number in (("same", 1), ("other", 2)):
        url = f"sqlite:///{tmp_path / name}.db"
        await seed(url, settings, number=number)
        told.append(await _told(url, settings))
    first = await _told(f"sqlite:///{made}", settings)
    assert told[0] == first
    assert told[1] != first


async def _told(url: str, settings: Settings) -> list[tuple[Any, ...]]:
    """All that happened and was written, but for the salts of the events."""
    said = [c for c in t.events.c if c.name not in ("hash", "salt")]
    async with desk(url, setup=plan.setup(settings)) as opened:
        happened = await rows(opened, sa.select(*said).order_by(t.events.c.seq))
        letters = await rows(opened, sa.select(t.messages.c.sha256).order_by(t.messages.c.id))
    return [tuple(r) for r in (*happened, *letters)]


async def test_a_history_fits_both_kinds_of_database(url: str, tmp_path: Path) -> None:
    settings = await demo_settings(tmp_path)
    await seed(url, settings)
    async with desk(url, clock=ManualClock(NOW), setup=plan.setup(settings)) as opened:
        assert len(await rows(opened, sa.select(t.interactions.c.id))) > 300


async def test_the_log_of_work_counts_what_the_history_tells(world: World) -> None:
    """Each search arrived once, each closed interaction was handled once, in plausible times."""
    log = await rows(world.desk, sa.select(t.work_log))
    counted = Counter(row.what for row in log)
    (searches,) = await rows(world.desk, sa.select(sa.func.count()).select_from(t.work_items))
    closed = sa.select(sa.func.count()).where(t.interactions.c.state.in_(CLOSED_STATES))
    (ended,) = await rows(world.desk, closed)
    taken = sa.select(sa.func.count()).where(t.work_items.c.state == "accepted")
    (accepted,) = await rows(world.desk, taken)
    assert counted["arrived"] == searches[0]
    assert counted["accepted"] == accepted[0]
    assert counted["handled"] == ended[0]
    assert counted["offered"] >= counted["accepted"] + counted["timed_out"]
    assert all(row.seconds >= 0 for row in log if row.what in ("accepted", "handled"))
    assert {row.within_target for row in log if row.what == "accepted"} == {True, False}
