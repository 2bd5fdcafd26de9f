"""Addressing a mail: people are proposed while their names are typed, and what is no address is told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.pilot import Pilot

from agentdesk.domain.ids import CustomerId
from agentdesk.domain.message import Address
from agentdesk.domain.people import PersonHit
from agentdesk.domain.views import BouncedAddress
from agentdesk.tui.widgets import recipient_field
from agentdesk.tui.widgets.recipient_field import RecipientField
from agentdesk.tui.widgets.refused import RefusedRecipients
from agentdesk.tui.widgets.suggestions import Suggestions
from tests.tui.pane_app import Desk, begin_reply, opened
from tests.tui.pane_host import at, until

NEAR = (Address("mara@example.org", "Mara Olsen"), Address("paul@acme.example", "Paul Okafor"))
PEOPLE = (
    PersonHit("Mara Olsen", "contact", CustomerId(1), email="mara@example.org", account="Acme"),
    PersonHit("Marc Dubois", "contact", CustomerId(2), email="marc@dubois.example"),
    PersonHit("Marta, Eva", "consumer", CustomerId(3), email="eva@example.net"),
)


@asynccontextmanager
async def addressing(
    field: str = "to", typed: str = "", size: tuple[int, int] = (80, 24), **fake: Any
) -> AsyncIterator[tuple[Desk, RecipientField]]:
    """A reply whose *field* is empty and has the keys."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recipient_field, "FIND_AFTER_S", 0)
        async with opened(size=size) as desk:
            _, pane, pilot, desk_fake = desk
            desk_fake.near, desk_fake.people = NEAR, PEOPLE
            for name, value in fake.items():
                setattr(desk_fake, name, value)
            await begin_reply(desk)
            if field != "to":
                await pilot.press("ctrl+l")
            line = pane.reply_composer.envelope.field(field)
            assert isinstance(line, RecipientField)
            await until(pilot, lambda: line.near)
            line.value = ""
            line.focus()
            await pilot.pause()
            await pilot.press(*typed)
            yield desk, line


def names(line: RecipientField) -> list[str]:
    """Who is proposed."""
    return [person.name for person in line.suggestions.shown]


async def proposed(pilot: Pilot[None], line: RecipientField, *expected: str) -> None:
    """Wait until these are."""
    await until(pilot, lambda: names(line) == list(expected))


async def test_who_takes_part_is_proposed_first_and_each_person_once() -> None:
    async with addressing(typed="mar") as ((_, _pane, pilot, _fake), line):
        await proposed(pilot, line, "Mara Olsen", "Marc Dubois", "Marta, Eva")
        assert line.suggestions.shown[0].near


@pytest.mark.parametrize("key", ["enter", "tab"])
async def test_a_key_takes_the_highlighted_one_and_another_may_follow(key: str) -> None:
    async with addressing(typed="mar") as ((app, _pane, pilot, _fake), line):
        await proposed(pilot, line, "Mara Olsen", "Marc Dubois", "Marta, Eva")
        await pilot.press("down", key)
        assert line.value == "Marc Dubois <marc@dubois.example>, "
        assert app.focused is line
        assert not line.suggestions.is_open
        await pilot.press(*"mar")
        await proposed(pilot, line, "Mara Olsen", "Marta, Eva")


async def test_a_name_with_a_comma_is_quoted() -> None:
    async with addressing(typed="eva") as ((_, _pane, pilot, _fake), line):
        await proposed(pilot, line, "Marta, Eva")
        await pilot.press("enter")
        assert line.value == '"Marta, Eva" <eva@example.net>, '


async def test_up_from_the_first_goes_round_and_escape_hides_only_the_list() -> None:
    async with addressing(typed="mar") as ((app, pane, pilot, _fake), line):
        await proposed(pilot, line, "Mara Olsen", "Marc Dubois", "Marta, Eva")
        await pilot.press("up")
        assert line.suggestions.highlighted == 2
        await pilot.press("escape")
        assert not line.suggestions.is_open
        assert app.focused is line
        assert pane.reply_composer.is_open


async def test_without_a_list_enter_and_arrows_move_between_the_lines() -> None:
    async with addressing(typed="zzz") as ((app, pane, pilot, fake), line):
        await until(pilot, lambda: fake.named("find"))
        await pilot.press("enter")
        await pilot.pause()
        assert app.focused is pane.reply_composer.envelope.field("subject")
        assert line.value == "zzz"


async def test_a_whole_address_that_nobody_has_is_meant_as_typed() -> None:
    async with addressing(typed="mara@example.or") as ((app, pane, pilot, _fake), line):
        await proposed(pilot, line, "Mara Olsen")
        await pilot.press("enter")
        await pilot.pause()
        assert line.value == "mara@example.or"
        assert app.focused is pane.reply_composer.envelope.field("subject")


async def test_a_click_takes_a_person_and_the_field_keeps_the_keys() -> None:
    async with addressing(typed="mar") as ((app, _pane, pilot, _fake), line):
        await proposed(pilot, line, "Mara Olsen", "Marc Dubois", "Marta, Eva")
        await pilot.pause()
        await pilot.click(line.suggestions, offset=(3, 1))
        await until(pilot, lambda: line.value == "Marc Dubois <marc@dubois.example>, ")
        assert app.focused is line


async def test_leaving_the_field_hides_the_list_and_takes_the_last_comma_away() -> None:
    async with addressing(typed="eva") as ((_, pane, pilot, fake), line):
        await proposed(pilot, line, "Marta, Eva")
        await pilot.press("enter", "down")
        await until(pilot, lambda: line.value == '"Marta, Eva" <eva@example.net>')
        await until(pilot, lambda: fake.draft.content.to == '"Marta, Eva" <eva@example.net>')
        assert not pane.query_one(RefusedRecipients).display


async def test_copies_are_completed_too() -> None:
    async with addressing("cc", "paul") as ((_, _pane, pilot, _fake), line):
        await proposed(pilot, line, "Paul Okafor")


async def test_the_list_lies_inside_a_small_screen() -> None:
    async with addressing(typed="mar") as ((app, _pane, pilot, _fake), line):
        await proposed(pilot, line, "Mara Olsen", "Marc Dubois", "Marta, Eva")
        await pilot.pause()
        shown = line.suggestions.region
        assert shown.height == 3
        assert app.screen.region.contains_region(shown)
        assert shown.y == line.region.y + 1


async def test_what_is_put_in_by_the_desk_proposes_nobody() -> None:
    async with addressing() as ((_, pane, pilot, fake), line):
        line.value = "mar"
        pane.reply_composer.body.focus()
        await pilot.pause()
        assert not any(s.is_open for s in pane.query(Suggestions))
        assert fake.named("find") in ([], [("mar",)])


# What is no address


async def test_what_is_no_address_is_told_once_it_is_left() -> None:
    async with addressing(typed="nobody here, ma") as ((_, pane, pilot, _fake), line):
        warning = pane.query_one(RefusedRecipients)
        await until(pilot, lambda: warning.has_class("-wrong"))
        assert str(warning.render()) == "! 'nobody here' is not an email address."
        assert line.has_class("-wrong")
        line.value = "mara@example.org"
        await until(pilot, lambda: not warning.display)
        assert not line.has_class("-wrong")


async def test_a_recipient_is_not_called_wrong_while_it_is_typed() -> None:
    async with addressing(typed="zz") as ((_, pane, pilot, fake), line):
        await until(pilot, lambda: fake.named("find"))
        await pilot.pause()
        assert not line.has_class("-wrong")
        await pilot.press("down")
        await until(pilot, lambda: line.has_class("-wrong"))
        assert pane.query_one(RefusedRecipients).display


async def test_a_bounced_address_is_told_when_nothing_is_worse() -> None:
    bounced = (BouncedAddress("mara@example.org", at(-60)),)
    async with addressing(refused=bounced) as ((_, pane, pilot, _fake), line):
        line.value = "mara@example.org"
        warning = pane.query_one(RefusedRecipients)
        await until(pilot, lambda: warning.display)
        assert not warning.has_class("-wrong")
        assert "mara@example.org bounced" in str(warning.render())


async def test_who_is_named_twice_is_told() -> None:
    async with addressing() as ((_, pane, pilot, _fake), line):
        line.value = "mara@example.org"
        pane.reply_composer.envelope.field("cc").value = "Mara <MARA@example.org>"
        warning = pane.query_one(RefusedRecipients)
        await until(pilot, lambda: warning.display)
        assert not warning.has_class("-wrong")
        assert "mara@example.org is named more than once" in str(warning.render())
