"""Templates on both databases: found, filled, changed by one at a time, carried as a file."""

from dataclasses import replace

import pytest

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import BadInput, Conflict, NotAllowed, NotFound
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.message import Address
from agentdesk.domain.template import Template, TemplateId, TemplateKind
from agentdesk.services.desk import Desk
from agentdesk.storage import events
from tests.desks import World, mail

REFUND = Template(
    TemplateId(0),
    "",
    TemplateKind.REPLY,
    "Refund started",
    "Hello {{customer.first_name}},\n\nthe money for {{interaction.subject}} is on its way "
    "({{case.number}}).\n\n{{agent.name}}",
    folder="Orders",
)
CHECK = Template(TemplateId(0), "", TemplateKind.NOTE, "Check carrier", "Checked on {{today}}.")


async def kept(world: World, *templates: Template) -> tuple[Actor, list[Template]]:
    sue = await world.sign_in("sue")
    return sue, [await services.templates.save(world.desk, sue, t) for t in templates]


async def names(desk: Desk, actor: Actor, words: str, **where: object) -> list[str]:
    kind = TemplateKind.REPLY
    found = await services.templates.search(desk, actor, words, kind, **where)  # type: ignore[arg-type]
    return [t.name for t in found]


async def test_a_template_is_filled_with_what_the_interaction_knows(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    _, (refund,) = await kept(world, REFUND)
    made = await services.templates.fill(world.desk, ana, refund.id, key)
    assert made.text == (
        "Hello Mara,\n\nthe money for Order 5512 damaged is on its way ({{case.number}}).\n\n"
        "Ana Ruiz"
    )
    assert (made.missing, made.name) == (("case.number",), "Refund started")


async def test_every_variable_says_something_or_is_missing(world: World) -> None:
    await world.arrive(mail(sender=Address("x@fjord.example", "")))
    ana, key = await world.at_work()
    text = "{{agent.signature}}|{{queue.name}}|{{interaction.number}}|{{customer.email}}|{{today}}"
    _, (one,) = await kept(world, replace(REFUND, body=f"{text}|{{{{account.name}}}}"))
    made = await services.templates.fill(world.desk, ana, one.id, key)
    day = world.clock.now()
    assert made.text == (
        "Ana Ruiz\nNorthwind|Support|IMS0000001|x@fjord.example|"
        f"{day.day} {day:%B} {day.year}|{{{{account.name}}}}"
    )


async def test_search_is_by_kind_words_and_queue(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    sales = replace(REFUND, name="Offer", queues=frozenset({"sales"}))
    support = replace(REFUND, name="Parcel", queues=frozenset({"support"}))
    _, (_, check, *_rest) = await kept(world, REFUND, CHECK, sales, support)
    desk = world.desk
    assert await names(desk, ana, "") == ["Offer", "Parcel", "Refund started"]
    assert await names(desk, ana, "", thread_id=key) == ["Parcel", "Refund started"]
    assert await names(desk, ana, "", queue="sales") == ["Offer", "Refund started"]
    assert await names(desk, ana, "orders REF") == ["Refund started"]
    assert await names(desk, ana, "", limit=1) == ["Offer"]
    assert await names(desk, ana, "nothing") == []
    assert await services.templates.search(desk, ana, "", TemplateKind.NOTE) == (check,)


async def test_agents_use_templates_and_supervisors_change_them(world: World) -> None:
    ana = await world.sign_in("ana")
    _, (refund,) = await kept(world, REFUND)
    assert (refund.key, refund.version, refund.changed_by) == ("refund-started", 1, "Sue Lind")
    for refused in (
        services.templates.save(world.desk, ana, REFUND),
        services.templates.remove(world.desk, ana, refund.id, 1),
        services.templates.put_back(world.desk, ana, refund.id),
        services.templates.import_file(world.desk, ana, ""),
    ):
        with pytest.raises(NotAllowed, match="Only a supervisor"):
            await refused
    assert await services.templates.every(world.desk, ana) == (refund,)


async def test_two_who_change_one_template_never_overwrite_each_other(world: World) -> None:
    sue, (refund,) = await kept(world, REFUND)
    mine = await services.templates.save(world.desk, sue, replace(refund, folder="Money"))
    assert (mine.folder, mine.version, mine.key) == ("Money", 2, "refund-started")
    with pytest.raises(Conflict, match="Somebody else changed this template"):
        await services.templates.save(world.desk, sue, replace(refund, name="Late"))
    with pytest.raises(Conflict, match="Sue Lind changed Refund started meanwhile"):
        await services.templates.remove(world.desk, sue, refund.id, refund.version)
    same = await services.templates.save(world.desk, sue, mine)
    assert same == mine


async def test_what_cannot_be_kept_is_refused(world: World) -> None:
    sue = await world.sign_in("sue")
    with pytest.raises(BadInput, match=r"Did you mean \{\{agent.name\}\}"):
        await services.templates.save(world.desk, sue, replace(REFUND, body="{{agent.nme}}"))
    with pytest.raises(BadInput, match="no queue 'x'"):
        await services.templates.save(world.desk, sue, replace(REFUND, queues=frozenset({"x"})))


async def test_a_deleted_template_is_put_back_as_it_was(world: World) -> None:
    sue, (refund,) = await kept(world, replace(REFUND, queues=frozenset({"sales", "support"})))
    desk = world.desk
    await services.templates.remove(desk, sue, refund.id, 1)
    assert await services.templates.every(desk, sue) == ()
    with pytest.raises(NotFound, match="deleted"):
        await services.templates.save(desk, sue, replace(refund, name="x"))
    with pytest.raises(NotFound, match="deleted"):
        await services.templates.remove(desk, sue, refund.id, 1)
    back = await services.templates.put_back(desk, sue, refund.id)
    assert (back.said, back.id, back.version) == (refund.said, refund.id, 2)
    with pytest.raises(Conflict, match="refund-started again"):
        await services.templates.put_back(desk, sue, refund.id)
    with pytest.raises(NotFound, match="never deleted"):
        await services.templates.put_back(desk, sue, TemplateId(99))
    async with desk.store.read() as tx:
        log = await events.of_record(tx, "template", refund.id)
        assert [e.type for e in log] == ["template_changed", "template_removed", "template_changed"]
        assert await events.first_broken_link(tx, "template", refund.id) is None


async def test_what_is_exported_is_imported_as_the_same_templates(world: World) -> None:
    odd = replace(
        REFUND, name='The "quoted" one', body='Say """hi""" \\ {{today}}\n\n  indented\n"'
    )
    sue, made = await kept(world, REFUND, CHECK, odd, replace(REFUND, queues=frozenset({"sales"})))
    desk = world.desk
    text = await services.templates.export(desk, sue)
    report = await services.templates.import_file(desk, sue, text)
    assert (report.added, report.changed, report.same) == ((), (), 4)
    for template in made:
        await services.templates.remove(desk, sue, template.id, 1)
    dry = await services.templates.import_file(desk, sue, text, dry_run=True)
    assert len(dry.added) == 4
    assert await services.templates.every(desk, sue) == ()
    report = await services.templates.import_file(desk, sue, text.replace("\n", "\r\n"))
    assert report == dry
    again = await services.templates.every(desk, sue)
    assert sorted((t.said for t in again), key=lambda t: t.key) == sorted(
        (t.said for t in made), key=lambda t: t.key
    )
    assert await services.templates.export(desk, sue) == text


async def test_an_import_changes_templates_by_their_keys_and_leaves_others(world: World) -> None:
    sue, (refund, _check) = await kept(world, REFUND, CHECK)
    text = (
        '[[templates]]\nkey = "refund-started"\nname = "Refund"\nbody = "Soon."\n'
        '[[templates]]\nkey = "new"\nname = "New"\nbody = "Hello"\nqueues = ["sales"]\n'
    )
    report = await services.templates.import_file(world.desk, sue, text)
    assert report.sentence == "1 new, 1 changed, 0 as they were."
    every = {t.key: t for t in await services.templates.every(world.desk, sue)}
    assert every.keys() == {"refund-started", "new", "check-carrier"}
    assert (every["refund-started"].id, every["refund-started"].version) == (refund.id, 2)


async def test_an_import_with_problems_changes_nothing_and_names_their_lines(world: World) -> None:
    sue = await world.sign_in("sue")
    text = (
        '[[templates]]\nkey = "a"\nname = "A"\nbody = "Hello"\n\n'
        '[[templates]]\nkey = "a"\nname = "B"\nqueues = ["suport"]\nbody = """\nHi\n{{nme}}\n"""\n'
    )
    report = await services.templates.import_file(world.desk, sue, text)
    assert [str(fault).split(" There are")[0] for fault in report.problems] == [
        "line 7: templates[2].key: a is the key of templates[1] already.",
        "line 9: templates[2].queues: There is no queue 'suport'. Did you mean support?",
        "line 10: templates[2].body: line 2: {{nme}} is no variable.",
    ]
    assert await services.templates.every(world.desk, sue) == ()
    for text, sentence in (
        ("[[templates]\n", "line 1: is not valid TOML"),
        ('[[templates]]\nkey = "a"\nname = "A"\n', "line 1: templates[1].body is missing"),
        ('[[templates]]\nkey = "a"\ntitel = "A"\nname = "x"\nbody = "x"\n', "line 3: templates[1]"),
    ):
        report = await services.templates.import_file(world.desk, sue, text)
        assert str(report.problems[0]).startswith(sentence)


async def test_nothing_is_sent_while_a_variable_stands_in_it(world: World) -> None:
    await world.arrive(mail("What is {{case.number}}?", subject="About {{case.number}}"))
    ana, key = await world.at_work()
    _, (refund,) = await kept(world, REFUND)
    made = await services.templates.fill(world.desk, ana, refund.id, key)
    desk = world.desk
    d = await services.drafts.open_reply(desk, ana, key, everyone=False)
    content = replace(d.content, body=made.text + d.content.body)
    await services.drafts.save(desk, ana, d.id, d.token, content)
    with pytest.raises(BadInput, match=r"still says \{\{case.number\}\}. Fill it in or remove it."):
        await services.sending.queue(desk, ana, d.id, d.token)
    filled = replace(content, body=content.body.replace("({{case.number}})", ""))
    await services.drafts.save(desk, ana, d.id, d.token, filled)
    await services.sending.queue(desk, ana, d.id, d.token)


async def test_filling_for_nothing_is_a_sentence(world: World) -> None:
    sue, (refund,) = await kept(world, REFUND)
    with pytest.raises(NotFound):
        await services.templates.fill(world.desk, sue, refund.id, InteractionId(99))
    with pytest.raises(NotFound):
        await services.templates.fill(world.desk, sue, TemplateId(99), InteractionId(1))
