"""Whom a mail may go to while it is addressed."""

import pytest

from agentdesk import services
from agentdesk.domain.message import Address
from tests.desks import SUPPORT, World, mail


async def test_who_takes_part_is_everybody_but_ourselves_the_last_first(world: World) -> None:
    ben = Address("ben@fjord.example", "Ben, Carrier")
    await world.arrive(mail(to=(SUPPORT, "paul@fjord.example"), message_id="a@fjord.example"))
    ana, key = await world.at_work()
    world.clock.turn(60)
    await world.arrive(mail(sender=ben, in_reply_to="a@fjord.example"))
    found = await services.recipients.taking_part(world.desk, ana, key)
    assert [a.email for a in found] == [
        "ben@fjord.example",
        "mara.olsen@fjord.example",
        "paul@fjord.example",
    ]
    assert found[0].name == "Ben, Carrier"


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ("", ""),
        ("Mara <mara@example.org>, lee@example.org", ""),
        ('"Okafor, Ben" <ben@example.org>', ""),
        ("nobody", "'nobody' is not an email address."),
        ("mara@example.org, nobody", "'nobody' is not an email address."),
    ],
)
def test_what_is_no_address_is_told_as_sending_would(typed: str, fault: str) -> None:
    assert services.recipients.faults([typed]) == (fault,)


def test_a_name_is_quoted_where_it_must_be() -> None:
    assert services.recipients.typed_as("Okafor, Ben", "b@x.org") == '"Okafor, Ben" <b@x.org>'
    assert services.recipients.typed_as("", "b@x.org") == "b@x.org"
