"""As whom a mail is written: the address, its name, its signature, and the account it leaves through."""

import email
from dataclasses import replace
from email import policy
from email.message import EmailMessage

import pytest

from agentdesk import services
from agentdesk.domain.actor import Actor
from agentdesk.domain.draft import DraftContent, Identity, swap_signature
from agentdesk.domain.errors import BadInput
from agentdesk.domain.ids import InteractionId
from agentdesk.domain.message import Address
from agentdesk.domain.setup import IdentitySetup, MailAccountSetup
from agentdesk.services import configuration
from agentdesk.services.outgoing import Job
from tests.desks import RULES, SETUP, SUPPORT, World, mail

HELP, RETURNS, SALES = (f"{x}@northwind.example" for x in ("help", "returns", "sales"))
DANIEL = "Ana Ruiz\nNorthwind"
ACCOUNTS = (
    MailAccountSetup(
        "support",
        "Northwind Support",
        SUPPORT,
        "support",
        aliases=(HELP, RETURNS),
        signature="Northwind, Bergen",
        identities=(
            IdentitySetup(HELP),
            IdentitySetup(RETURNS, "Northwind Returns", "Returns, Gate 4"),
        ),
    ),
    MailAccountSetup("sales", "Northwind Sales", SALES, "sales"),
)
OURS = frozenset({SUPPORT, HELP, RETURNS, SALES})


async def set_up(world: World) -> None:
    await configuration.apply(world.desk, replace(SETUP, accounts=ACCOUNTS))
    world.desk = replace(world.desk, rules=replace(RULES, own_addresses=OURS))


async def arrived(
    world: World, *to: str, cc: str = "", sender: Address | None = None
) -> tuple[Actor, InteractionId]:
    """A customer's mail to these addresses, and Ana who works on it."""
    await set_up(world)
    raw = mail(to=to, sender=sender, message_id="a@fjord.example")
    await world.arrive(f"Cc: {cc}\r\n".encode() + raw if cc else raw)
    return await world.at_work()


async def out(
    world: World, ana: Actor, key: InteractionId, **changes: str
) -> tuple[Job, EmailMessage]:
    """Ana's answer as it leaves."""
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    content = replace(draft.content, **changes)
    await services.drafts.save(world.desk, ana, draft.id, draft.token, content)
    await services.sending.queue(world.desk, ana, draft.id, draft.token)
    world.clock.turn(11)
    await services.deadlines.run_passed(world.desk)
    job = await services.outgoing.claim(world.desk, [1, 2])
    assert job is not None
    made = email.message_from_bytes(job.raw, policy=policy.default)
    assert isinstance(made, EmailMessage)
    return job, made


async def test_every_address_that_sends_may_be_chosen_the_usual_one_first(world: World) -> None:
    ana, key = await arrived(world, RETURNS)
    assert await services.identities.choices(world.desk, ana, key) == (
        Identity(RETURNS, "Northwind Returns", f"Returns, Gate 4\n{DANIEL}", default=True),
        Identity(SUPPORT, "Northwind Support", f"Northwind, Bergen\n{DANIEL}"),
        Identity(HELP, "Northwind Support", f"Northwind, Bergen\n{DANIEL}"),
        Identity(SALES, "Northwind Sales", DANIEL),
    )


@pytest.mark.parametrize(
    ("to", "sender"),
    [
        ((HELP,), HELP),
        ((RETURNS, SUPPORT), SUPPORT),
        (("returns+7@northwind.example",), RETURNS),
        (("list@elsewhere.example",), SUPPORT),
        ((SALES,), SALES),
    ],
)
async def test_an_answer_comes_from_the_address_that_the_customer_wrote_to(
    world: World, to: tuple[str, ...], sender: str
) -> None:
    ana, key = await arrived(world, *to)
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    assert draft.content.sender == sender
    job, made = await out(world, ana, key)
    assert made["From"].addresses[0].addr_spec == sender
    assert job.sender == sender


async def test_name_signature_and_message_id_are_those_of_the_identity(world: World) -> None:
    ana, key = await arrived(world, RETURNS)
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    assert draft.content.body.startswith(f"\n\n-- \nReturns, Gate 4\n{DANIEL}\n\nOn ")
    _, made = await out(world, ana, key)
    assert made["From"].addresses[0].display_name == "Ana Ruiz, Northwind Returns"
    assert made["Message-ID"].endswith("@northwind.example>")


async def test_another_accounts_address_leaves_through_that_account(world: World) -> None:
    ana, key = await arrived(world, SUPPORT)
    job, made = await out(world, ana, key, sender=SALES)
    assert (job.mail_account_id, job.sender) == (2, SALES)
    await world.arrive(mail("Thank you.", to=(SALES,), in_reply_to=job.header_id), account="sales")
    page = await services.views.stream(world.desk, ana, key)
    assert [e.text for e in page.entries if e.text][-1] == "Thank you."


async def test_nothing_sends_from_an_address_that_is_not_ours(world: World) -> None:
    ana, key = await arrived(world, SUPPORT)
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    for sender in ("boss@northwind.example", "x", "sales@northwind.example\r\nBcc: a@b.example"):
        content = replace(draft.content, sender=sender)
        await services.drafts.save(world.desk, ana, draft.id, draft.token, content)
        with pytest.raises(BadInput, match="Choose another sender") as refused:
            await services.sending.queue(world.desk, ana, draft.id, draft.token)
        assert "\n" not in str(refused.value)


async def test_an_empty_sender_is_the_usual_one(world: World) -> None:
    ana, key = await arrived(world, HELP)
    job, _ = await out(world, ana, key, sender="")
    assert job.sender == HELP


async def test_an_address_that_no_longer_sends_is_refused(world: World) -> None:
    ana, key = await arrived(world, RETURNS)
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    await configuration.apply(world.desk, SETUP)
    with pytest.raises(BadInput, match="Choose another sender"):
        await services.sending.queue(world.desk, ana, draft.id, draft.token)


async def test_reply_all_leaves_out_every_address_of_ours(world: World) -> None:
    lee = "lee@pine.example"
    cc = f"{HELP}, Support <support+7@northwind.example>, {lee}, {SALES}"
    ana, key = await arrived(world, SUPPORT, RETURNS, cc=cc)
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=True)
    assert draft.content.to == "Mara Olsen <mara.olsen@fjord.example>"
    assert draft.content.cc == lee


# Recipients


async def test_whoever_is_named_twice_gets_the_mail_once_and_the_writer_is_told(
    world: World,
) -> None:
    ana, key = await arrived(world, SUPPORT)
    said = DraftContent(
        to="Lee <lee@pine.example>", cc="LEE@pine.example, kim@pine.example", bcc="kim@pine.example"
    )
    assert services.letters.remarks((said.to, said.cc, said.bcc)) == (
        "lee@pine.example is named more than once and gets the mail once.",
        "kim@pine.example is named more than once and gets the mail once.",
    )
    job, made = await out(world, ana, key, to=said.to, cc=said.cc, bcc=said.bcc)
    assert job.recipients == ("lee@pine.example", "kim@pine.example")
    assert (str(made["To"]), str(made["Cc"])) == ("Lee <lee@pine.example>", "kim@pine.example")
    assert made["Bcc"] is None


async def test_one_mail_is_no_mailing_list(world: World) -> None:
    ana, key = await arrived(world, SUPPORT)
    draft = await services.drafts.open_reply(world.desk, ana, key, everyone=False)
    many = ", ".join(f"p{n}@pine.example" for n in range(51))
    content = replace(draft.content, to=many)
    await services.drafts.save(world.desk, ana, draft.id, draft.token, content)
    with pytest.raises(BadInput, match="names 51 recipients, and at most 50"):
        await services.sending.queue(world.desk, ana, draft.id, draft.token)
    assert services.letters.remarks((content.to,)) == (
        "51 recipients: at most 50 can get one mail.",
    )


@pytest.mark.parametrize(
    ("typed", "wire"),
    [
        ("Jörg <j@bücher.example>", "j@xn--bcher-kva.example"),
        ('"Lee, Kim" <kim@pine.example>', "kim@pine.example"),
        ("kim.o'neil@pine.example", "kim.o'neil@pine.example"),
    ],
)
def test_unusual_addresses_work(typed: str, wire: str) -> None:
    (address,) = services.letters.typed_addresses(typed)
    assert services.letters.wire_address(address.email) == wire


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ('"kim o\'neil"@pine.example', "in quotes before the @"),
        ("jörg@pine.example", "other than a to z"),
        ("kim@straße.example", "xn-- form"),
        ("kim@", "not an email address"),
        ("kim", "not an email address"),
        ("lee@pine.example, kim@", "'kim@' is not an email address"),
        ("lee@pine.example kim@pine.example", "Put commas between them"),
    ],
)
def test_what_cannot_be_sent_to_says_why(typed: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        services.letters.typed_addresses(typed)


# Signatures

TYPED = "Hello Mara,\n\nsorry.\n\n-- \nAna\nNorthwind\n\nOn Monday, Mara wrote:\n> Broken.\n"


def test_another_signature_takes_the_place_of_the_first() -> None:
    swapped = swap_signature(TYPED, "Ana\nNorthwind\n", "Returns, Gate 4")
    assert swapped == TYPED.replace("Ana\nNorthwind", "Returns, Gate 4")
    assert swap_signature(swapped, "Returns, Gate 4", "Ana\nNorthwind") == TYPED


def test_a_signature_that_somebody_changed_stays() -> None:
    changed = TYPED.replace("Ana\n", "Ana Ruiz\n")
    assert swap_signature(changed, "Ana\nNorthwind", "Returns") == changed


def test_a_signature_comes_before_the_quoted_original_where_there_was_none() -> None:
    bare = "Hello.\n\nOn Monday, Mara wrote:\n> Broken.\n"
    with_one = swap_signature(bare, "", "Ana")
    assert with_one == "Hello.\n\n-- \nAna\n\nOn Monday, Mara wrote:\n> Broken.\n"
    assert swap_signature(with_one, "Ana", "") == bare
    assert swap_signature("\n\n-- \nAna\n", "Ana", "") == "\n"
    assert swap_signature("Hello.\n", "", "Ana") == "Hello.\n\n-- \nAna\n"


def test_a_quoted_signature_is_not_touched() -> None:
    body = "Hi.\n\n-- \nAna\n\nOn Monday, Ana wrote:\n> -- \n> Ana\n"
    assert swap_signature(body, "Ana", "Ben") == body.replace("-- \nAna\n", "-- \nBen\n", 1)
