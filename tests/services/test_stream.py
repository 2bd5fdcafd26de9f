"""What the stream and the customer's card tell of a mail, from its bytes to the view."""

from agentdesk import services
from agentdesk.domain.message import MailKind
from agentdesk.storage import people
from tests.desks import World, mail

MARA = "mara.olsen@fjord.example"


async def test_kinds_and_warnings_reach_the_stream(world: World) -> None:
    await world.arrive(mail(message_id="a@fjord.example"))
    ana, key = await world.at_work()
    away = mail("I am away.", in_reply_to="a@fjord.example")
    await world.arrive(b"Auto-Submitted: auto-replied\r\n" + away)
    page = await services.views.stream(world.desk, ana, key)
    kinds = [e.mail_kind for e in page.entries if e.message_id]
    assert kinds == [MailKind.NORMAL, MailKind.AUTO_REPLY]


DELAYED = b"""From: Mail Delivery System <mailer-daemon@mx.example>\r
To: support@northwind.example\r
Subject: Delayed\r
References: <a@fjord.example>\r
MIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary=b\r
\r
--b\r
\r
Still trying.\r
--b\r
Content-Type: message/delivery-status\r
\r
Reporting-MTA: dns; mx.example\r
\r
Final-Recipient: rfc822; mara.olsen@fjord.example\r
Action: delayed\r
Status: 4.4.1\r
\r
--b--\r
"""


async def test_a_delayed_delivery_is_told_as_delayed(world: World) -> None:
    await world.arrive(DELAYED)
    ana = await world.sign_in("ana")
    rows = (await services.views.interactions(world.desk, ana)).rows
    page = await services.views.stream(world.desk, ana, rows[0].interaction_id)
    (entry,) = [e for e in page.entries if e.message_id]
    assert (entry.mail_kind, entry.bounce_action) == (MailKind.BOUNCE, "delayed")


async def test_a_refused_address_is_on_the_card_and_found_for_the_composer(world: World) -> None:
    await world.arrive(mail())
    ana, key = await world.at_work()
    card = (await services.views.interaction(world.desk, ana, key)).customer
    assert card.bounced == ()
    async with world.desk.store.write() as tx:
        await people.mark_bounced(tx, [MARA], world.clock.now())
    card = (await services.views.interaction(world.desk, ana, key)).customer
    assert [(b.email, b.at) for b in card.bounced] == [(MARA, world.clock.now())]
    typed = ["Lee <lee@pine.example>, ", 'Mara "M" <Mara.Olsen@fjord.example', ""]
    assert await services.views.bounced(world.desk, ana, typed) == card.bounced
    assert await services.views.bounced(world.desk, ana, ["", "<>", "half@"]) == ()
