"""Writing in cases: whatever can be written in an interaction, in the case's own conversation."""

import email
import email.policy
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.case import CaseState, NewCase
from agentdesk.domain.delivery import AfterSend
from agentdesk.domain.draft import Draft, DraftContent, DraftKind
from agentdesk.domain.errors import (
    BadInput,
    Conflict,
    FencedOff,
    IllegalTransition,
    NotAllowed,
    NotFound,
    SomethingNew,
)
from agentdesk.domain.event import Record
from agentdesk.domain.ids import CaseId, InteractionId, MessageId, OutboxId
from agentdesk.domain.message import Address
from agentdesk.domain.policy import GroupSetup
from agentdesk.domain.template import Template, TemplateId, TemplateKind
from agentdesk.domain.views import Delivery, StreamEntry
from agentdesk.services import outgoing
from agentdesk.services.outgoing import Job
from agentdesk.storage import events
from agentdesk.storage.tables import outbox
from tests.desks import SUPPORT, World, mail

ACCOUNTS = [1, 2]
MARA = "mara.olsen@fjord.example"


async def grown(
    world: World, *, assign: bool = True, group: str = ""
) -> tuple[Actor, InteractionId, CaseId]:
    """Mara wrote; Ana made a case of it."""
    await world.arrive(mail(message_id="a@fjord.example", to=(SUPPORT, "lee@fjord.example")))
    ana, key = await world.at_work()
    new = NewCase("Broken parcel", group=group, assign_to=ana.agent_id if assign else None)
    return ana, key, await services.cases.create(world.desk, ana, key, new)


async def queued(
    world: World, who: Actor, case: CaseId, words: str = "We look into it.", **how: object
) -> OutboxId:
    d = await services.drafts.open_reply(world.desk, who, case, everyone=False)
    said = replace(d.content, body=words + d.content.body)
    await services.drafts.save(world.desk, who, d.id, d.token, said)
    return await services.sending.queue(world.desk, who, d.id, d.token, **how)  # type: ignore[arg-type]


async def claimed(world: World) -> tuple[Job, EmailMessage]:
    world.clock.turn(11)
    await services.deadlines.run_passed(world.desk)
    job = await outgoing.claim(world.desk, ACCOUNTS)
    assert job is not None
    parsed = email.message_from_bytes(job.raw, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return job, parsed


async def sent(world: World) -> EmailMessage:
    job, parsed = await claimed(world)
    await outgoing.mark_maybe_sent(world.desk, job)
    await outgoing.mark_sent(world.desk, job, {})
    return parsed


async def stream(world: World, who: Actor, case: CaseId) -> tuple[StreamEntry, ...]:
    return (await services.cases.stream(world.desk, who, case)).entries


async def state(world: World, who: Actor, case: CaseId) -> CaseState:
    return (await services.cases.view(world.desk, who, case)).state


def answer(to: EmailMessage, text: str = "Any news?", **kw: object) -> bytes:
    cited = str(to["Message-ID"]).strip("<>")
    return mail(text, in_reply_to=cited, **kw)  # type: ignore[arg-type]


async def test_a_reply_answers_the_mail_that_the_case_grew_out_of(world: World) -> None:
    ana, key, case = await grown(world)
    d = await services.drafts.open_reply(world.desk, ana, case, everyone=False)
    assert (d.record, d.thread_id, d.kind) == (Record.CASE, case, DraftKind.REPLY)
    assert d.content.to == f"Mara Olsen <{MARA}>"
    assert d.content.subject == "Re: Broken parcel"
    assert "> My parcel arrived broken. What now?" in d.content.body
    assert "Ana Ruiz\nNorthwind" in d.content.body
    assert (d.in_reply_to, d.references) == ("a@fjord.example", ("a@fjord.example",))
    again = await services.drafts.open_reply(world.desk, ana, case, everyone=True)
    assert again.id == d.id
    (row,) = await services.drafts.of(world.desk, ana, case)
    assert (row.number, row.thread_id, row.mine) == ("CS0000001", case, True)
    assert (await services.views.desktop(world.desk, ana)).drafts[0].thread_id == case


async def test_reply_to_all_keeps_who_else_took_part(world: World) -> None:
    ana, _, case = await grown(world)
    d = await services.drafts.open_reply(world.desk, ana, case, everyone=True)
    assert d.content.cc == "lee@fjord.example"
    proposed = await services.recipients.taking_part(world.desk, ana, case)
    assert {a.email for a in proposed} == {MARA, "lee@fjord.example"}
    (usual, *_) = await services.identities.choices(world.desk, ana, case)
    assert (usual.address, usual.default) == (SUPPORT, True)


async def test_an_answer_to_a_cases_mail_comes_to_the_case(world: World) -> None:
    ana, key, case = await grown(world)
    await queued(world, ana, case)
    job, out = await claimed(world)
    assert job.envid.startswith("CS0000001.")
    assert out["X-Agentdesk-ID"] == job.envid
    assert out["References"] == "<a@fjord.example>"
    await outgoing.mark_maybe_sent(world.desk, job)
    await outgoing.mark_sent(world.desk, job, {})
    await world.arrive(answer(out))
    entries = await stream(world, ana, case)
    assert [e.delivery for e in entries if e.outbox_id] == [Delivery.SENT]
    assert any(e.text.startswith("Any news?") for e in entries)
    assert len((await services.views.interactions(world.desk, ana)).rows) == 1
    d = await services.drafts.open_reply(world.desk, ana, case, everyone=False)
    assert "> Any news?" in d.content.body
    assert d.references[:2] == ("a@fjord.example", str(out["Message-ID"]).strip("<>"))
    async with world.desk.store.read() as tx:
        assert await events.first_broken_link(tx, "case", case) is None


async def test_a_new_case_becomes_the_senders_and_waits_only_where_asked(world: World) -> None:
    ana, _, case = await grown(world, assign=False)
    assert await state(world, ana, case) is CaseState.NEW
    await queued(world, ana, case)
    view = await services.cases.view(world.desk, ana, case)
    assert (view.state, view.mine) == (CaseState.OPEN, True)
    await queued(world, ana, case, "Which carrier?", after=AfterSend.HOLD)
    assert await state(world, ana, case) is CaseState.AWAITING_INFO
    with pytest.raises(BadInput, match="Sending closes no case"):
        await queued(world, ana, case, "Done", after=AfterSend.CLOSE)


async def test_by_setting_an_answer_waits_for_the_customer(world: World) -> None:
    rules = world.desk.rules
    cases = replace(rules.cases, await_after_send=True)
    world.desk = replace(world.desk, rules=replace(rules, cases=cases))
    ana, _, case = await grown(world)
    await queued(world, ana, case, after=AfterSend.KEEP)
    assert await state(world, ana, case) is CaseState.OPEN
    await queued(world, ana, case, "Which carrier?")
    assert await state(world, ana, case) is CaseState.AWAITING_INFO


async def test_undo_gives_the_draft_back_and_the_case_stands_as_before(world: World) -> None:
    ana, _, case = await grown(world)
    box = await queued(world, ana, case, "Too early.", after=AfterSend.HOLD)
    assert await state(world, ana, case) is CaseState.AWAITING_INFO
    draft = await services.sending.cancel(world.desk, ana, box)
    assert (draft.thread_id, draft.record) == (case, Record.CASE)
    assert draft.content.body.startswith("Too early.")
    assert await state(world, ana, case) is CaseState.OPEN
    async with world.desk.store.read() as tx:
        row = await tx.one(sa.text("SELECT sent, first_response_at FROM cases"))  # type: ignore[arg-type]
    assert tuple(row or ()) == (0, None)
    world.clock.turn(11)
    await services.deadlines.run_passed(world.desk)
    assert await outgoing.claim(world.desk, ACCOUNTS) is None
    await services.sending.queue(world.desk, ana, draft.id, draft.token)
    await sent(world)


async def test_undo_leaves_a_case_waiting_that_waited_before(world: World) -> None:
    ana, _, case = await grown(world)
    await services.cases.await_information(world.desk, ana, case)
    world.clock.turn(60)
    box = await queued(world, ana, case)
    await services.sending.cancel(world.desk, ana, box)
    assert await state(world, ana, case) is CaseState.AWAITING_INFO


async def test_who_does_not_work_on_a_case_writes_nothing_in_it(world: World) -> None:
    await world.change_policy(groups=(GroupSetup("support", "Support team"),))
    ana, key, case = await grown(world)
    ben, sue = await world.sign_in("ben"), await world.sign_in("sue")
    with pytest.raises(NotAllowed, match="CS0000001 is with Ana Ruiz"):
        await services.drafts.open_reply(world.desk, ben, case, everyone=False)
    page = await services.views.stream(world.desk, ana, key)
    message = next(e.message_id for e in page.entries if e.message_id is not None)
    with pytest.raises(NotAllowed):
        await services.forwarding.open_forward(world.desk, ben, case, message)
    box = await queued(world, ana, case)
    with pytest.raises(NotAllowed):
        await services.sending.cancel(world.desk, ben, box)
    await services.drafts.open_reply(world.desk, sue, case, everyone=False)
    await services.cases.assign(world.desk, ana, case, ana.agent_id, "support")
    await services.drafts.open_reply(world.desk, ben, case, everyone=False)


async def test_a_resolved_case_must_be_reopened_and_a_closed_one_takes_nothing(
    world: World,
) -> None:
    ana, _, case = await grown(world)
    d = await services.drafts.open_reply(world.desk, ana, case, everyone=False)
    await services.cases.resolve(world.desk, ana, case, "solved", "A new parcel is on its way.")
    for attempt in (
        services.drafts.open_reply(world.desk, ana, case, everyone=False),
        services.sending.queue(world.desk, ana, d.id, d.token),
    ):
        with pytest.raises((IllegalTransition, NotFound)):
            await attempt
    with pytest.raises(IllegalTransition, match="Reopen it first"):
        await services.drafts.open_reply(world.desk, ana, case, everyone=False)
    await services.notes.add(world.desk, ana, case, "Asked the carrier for the money.")
    await services.cases.close(world.desk, ana, case)
    with pytest.raises(IllegalTransition, match="CS0000001 is Closed"):
        await services.drafts.open_reply(world.desk, ana, case, everyone=False)
    with pytest.raises(IllegalTransition, match="Nothing can be added"):
        await services.notes.add(world.desk, ana, case, "Too late.")


async def test_sending_stops_at_a_mail_that_came_anywhere_into_the_conversation(
    world: World,
) -> None:
    ana, _, first = await grown(world)
    await queued(world, ana, first)
    out = await sent(world)
    await world.arrive(mail("Another question", subject="Bill 7", message_id="b@fjord.example"))
    _, key = await world.at_work()
    second = await services.cases.create(world.desk, ana, key, NewCase(assign_to=ana.agent_id))
    d = await services.drafts.open_reply(world.desk, ana, second, everyone=False)
    world.clock.turn(5)
    await world.arrive(answer(out, "The first one again"))
    await services.cases.merge(world.desk, ana, first, second)
    with pytest.raises(SomethingNew) as stopped:
        await services.sending.queue(world.desk, ana, d.id, d.token)
    assert "The first one again" in [n.words for n in stopped.value.news]
    await services.sending.queue(world.desk, ana, d.id, d.token, anyway=True)
    with pytest.raises(IllegalTransition, match="became part of another case"):
        await services.drafts.open_reply(world.desk, ana, first, everyone=False)


async def test_a_scheduled_mail_of_a_case_stops_when_the_customer_writes(world: World) -> None:
    ana, _, case = await grown(world)
    await queued(world, ana, case)
    out = await sent(world)
    at = world.clock.now() + timedelta(hours=24)
    box = await queued(world, ana, case, "Still there?", send_at=at, after=AfterSend.HOLD)
    await world.arrive(answer(out))
    entries = await stream(world, ana, case)
    (entry,) = [e for e in entries if e.outbox_id == box]
    assert entry.delivery is Delivery.CANCELED
    assert any("was not sent: Mara Olsen wrote in between." in e.title for e in entries)
    assert await state(world, ana, case) is CaseState.OPEN
    (draft,) = await services.drafts.of(world.desk, ana, case)
    assert draft.mine
    kept = await services.drafts.read(world.desk, ana, draft.draft_id)
    assert kept.content.body.startswith("Still there?")


async def test_a_scheduled_mail_goes_at_its_moment_or_when_it_is_let_go(world: World) -> None:
    ana, _, case = await grown(world)
    at = world.clock.now() + timedelta(hours=24)
    box = await queued(world, ana, case, send_at=at)
    await services.sending.reschedule(world.desk, ana, box, at + timedelta(hours=1))
    world.clock.turn(24 * 3600)
    await services.deadlines.run_passed(world.desk)
    assert await outgoing.claim(world.desk, ACCOUNTS) is None
    await services.sending.send_now(world.desk, ana, box)
    job = await outgoing.claim(world.desk, ACCOUNTS)
    assert job is not None
    assert job.envid.startswith("CS0000001.")


async def test_a_fenced_off_writer_neither_saves_nor_sends(world: World) -> None:
    ana, _, case = await grown(world)
    d = await services.drafts.open_reply(world.desk, ana, case, everyone=False)
    window = await world.sign_in("ana")
    taken = await services.drafts.take_over(world.desk, window, d.id)
    with pytest.raises(FencedOff):
        await services.drafts.save(world.desk, ana, d.id, d.token, DraftContent(body="late"))
    with pytest.raises(FencedOff):
        await services.sending.queue(world.desk, ana, d.id, d.token)
    await services.sending.queue(world.desk, window, taken.id, taken.token)
    await sent(world)


async def test_what_failed_or_is_unknown_is_the_owners_to_decide(world: World) -> None:
    ana, _, case = await grown(world)
    box = await queued(world, ana, case, after=AfterSend.HOLD)
    job, _ = await claimed(world)
    await outgoing.mark_failed(world.desk, job, "550 no such user")
    assert await unread(world, case) == 1
    draft = await services.sending.edit(world.desk, ana, box)
    assert await state(world, ana, case) is CaseState.OPEN
    await services.sending.queue(world.desk, ana, draft.id, draft.token, after=AfterSend.HOLD)
    job, _ = await claimed(world)
    await outgoing.mark_maybe_sent(world.desk, job)
    await outgoing.mark_unknown(world.desk, job, "the line broke")
    assert await unread(world, case) == 2
    known = await services.sent_mail.evidence(world.desk, ana, job.id)
    assert known.recipients == (MARA,)
    await services.sending.send_again(world.desk, ana, job.id)
    job, _ = await claimed(world)
    await outgoing.mark_maybe_sent(world.desk, job)
    await outgoing.mark_unknown(world.desk, job, "the line broke")
    await services.sending.confirm_sent(world.desk, ana, job.id)
    with pytest.raises(Conflict):
        await services.sending.confirm_sent(world.desk, ana, job.id)


async def unread(world: World, case: CaseId) -> int:
    async with world.desk.store.read() as tx:
        row = await tx.one(sa.text(f"SELECT unread FROM cases WHERE id = {case}"))  # type: ignore[arg-type]
    assert row is not None
    return int(row.unread)


async def test_mails_of_a_case_go_in_order(world: World) -> None:
    ana, _, case = await grown(world)
    await queued(world, ana, case, "One")
    await queued(world, ana, case, "Two")
    job, out = await claimed(world)
    assert b"One" in job.raw
    assert await outgoing.claim(world.desk, ACCOUNTS) is None
    await outgoing.mark_maybe_sent(world.desk, job)
    await outgoing.mark_sent(world.desk, job, {})
    job, _ = await claimed(world)
    assert b"Two" in job.raw
    async with world.desk.store.read() as tx:
        records = {r.record for r in await tx.all(sa.select(outbox.c.record))}
    assert records == {"case"}


async def test_a_mail_of_the_conversation_is_passed_on_and_is_no_answer(world: World) -> None:
    ana, key, case = await grown(world)
    page = await services.views.stream(world.desk, ana, key)
    message = next(e.message_id for e in page.entries if e.message_id is not None)
    d = await services.forwarding.open_forward(world.desk, ana, case, message)
    assert "My parcel arrived broken" in d.content.body
    said = replace(d.content, to="depot@carrier.example", body=f"Can you help?\n{d.content.body}")
    await services.drafts.save(world.desk, ana, d.id, d.token, said)
    await services.sending.queue(world.desk, ana, d.id, d.token, after=AfterSend.HOLD)
    assert await state(world, ana, case) is CaseState.AWAITING_INFO
    out = await sent(world)
    third = Address("depot@carrier.example", "Depot")
    await world.arrive(answer(out, "It fell off a van.", sender=third))
    assert await state(world, ana, case) is CaseState.AWAITING_INFO
    assert any(e.text.startswith("It fell off") for e in await stream(world, ana, case))
    back = await services.drafts.open_reply(world.desk, ana, case, everyone=False)
    assert back.content.to == f"Mara Olsen <{MARA}>"
    await world.arrive(mail("Something else", sender=Address("zoe@z.example")))
    (newest, *_) = (await services.views.interactions(world.desk, ana)).rows
    page = await services.views.stream(world.desk, ana, newest.interaction_id)
    other = next(e.message_id for e in page.entries if e.message_id is not None)
    with pytest.raises(NotFound, match="another conversation"):
        await services.forwarding.open_forward(world.desk, ana, case, MessageId(other))


async def test_a_note_in_a_case_tells_whom_it_mentions(world: World) -> None:
    ana, _, case = await grown(world)
    ben = await world.sign_in("ben")
    noted = await services.notes.add(world.desk, ana, case, "@ben do you know this carrier?")
    assert noted.told == ("Ben Okafor",)
    (row,) = (await services.views.desktop(world.desk, ben)).mentions
    assert (row.thread_id, row.number) == (case, "CS0000001")
    last = (await stream(world, ben, case))[-1]
    assert last.text == "@ben do you know this carrier?"
    await services.cases.mark_read(world.desk, ben, case, last.seq)
    assert (await services.views.desktop(world.desk, ben)).mentions == ()


async def test_a_draft_in_a_case_stays_for_as_long_as_it_takes(world: World) -> None:
    ana, _, case = await grown(world)
    d = await services.drafts.open_reply(world.desk, ana, case, everyone=False)
    world.clock.turn(90 * 24 * 3600)
    await services.deadlines.run_passed(world.desk)
    kept: Draft = await services.drafts.read(world.desk, ana, d.id)
    assert kept.id == d.id
    again = await services.drafts.open_reply(world.desk, ana, case, everyone=False)
    await services.drafts.discard(world.desk, ana, again.id, again.token)
    assert await services.drafts.of(world.desk, ana, case) == ()
    assert await state(world, ana, case) is CaseState.OPEN


async def test_templates_are_filled_in_a_case_and_where_an_interaction_has_one(
    world: World,
) -> None:
    ana, key, case = await grown(world)
    sue = await world.sign_in("sue")
    words = "{{case.number}} {{case.subject}} {{case.state}} {{interaction.number}} {{queue.name}}"
    made = Template(TemplateId(0), "", TemplateKind.REPLY, "State", words)
    kept = await services.templates.save(world.desk, sue, made)
    filled = await services.templates.fill(world.desk, ana, kept.id, case)
    assert filled.text == "CS0000001 Broken parcel Open IMS0000001 Support"
    assert (await services.templates.fill(world.desk, ana, kept.id, key)).text == filled.text
    assert await services.templates.search(
        world.desk, ana, "state", TemplateKind.REPLY, thread_id=case
    )
    await world.arrive(mail("Alone", sender=Address("zoe@z.example")))
    (newest, *_) = (await services.views.interactions(world.desk, ana)).rows
    alone = newest.interaction_id
    missing = (await services.templates.fill(world.desk, ana, kept.id, alone)).missing
    assert missing == ("case.number", "case.subject", "case.state")
    d = await services.drafts.open_reply(world.desk, ana, case, everyone=False)
    said = replace(d.content, body="About {{case.number}}")
    await services.drafts.save(world.desk, ana, d.id, d.token, said)
    with pytest.raises(BadInput, match=r"still says \{\{case.number\}\}"):
        await services.sending.queue(world.desk, ana, d.id, d.token)


async def test_a_long_history_costs_a_reply_no_more_statements(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, _, case = await grown(world)
    counts, ran = [], [0]
    real = AsyncConnection.execute

    async def counted(*args: Any, **kwargs: Any) -> Any:
        ran[0] += 1
        return await real(*args, **kwargs)

    monkeypatch.setattr(AsyncConnection, "execute", counted)
    for length in (1, 12):
        for n in range(length):
            await services.notes.add(world.desk, ana, case, f"Note {n}")
            await queued(world, ana, case, f"Mail {n}", anyway=True)
            await sent(world)
        before = ran[0]
        d = await services.drafts.open_reply(world.desk, ana, case, everyone=False)
        counts.append(ran[0] - before)
        assert len(d.references) <= 20
        await services.drafts.discard(world.desk, ana, d.id, d.token)
    assert counts[0] == counts[1] < 40
