"""Which queue a mail goes to, by the address that it was sent to."""

import pytest

from agentdesk.domain.addressing import addressed_queue
from agentdesk.domain.message import Address, ParsedMail

SUPPORT, RETURNS, HELP = "support@shop.example", "returns@shop.example", "help@shop.example"
OWN = frozenset({SUPPORT, RETURNS, HELP})
QUEUES = {RETURNS: "returns"}


def mail(
    to: str = "", cc: str = "", original: tuple[str, ...] = (), delivered: tuple[str, ...] = ()
) -> ParsedMail:
    return ParsedMail(
        "Refund?",
        Address("mara@fjord.example"),
        "Where is it?",
        (),
        to=tuple(Address(a) for a in to.split()),
        cc=tuple(Address(a) for a in cc.split()),
        original_to=original,
        delivered_to=delivered,
    )


@pytest.mark.parametrize(
    ("sent", "queue"),
    [
        (mail(to=RETURNS), "returns"),
        (mail(to=f"friend@fjord.example {RETURNS}"), "returns"),
        (mail(to=SUPPORT, cc=RETURNS), ""),
        (mail(to=f"{SUPPORT} {RETURNS}"), "returns"),
        (mail(to="friend@fjord.example", cc=RETURNS), "returns"),
        (mail(to="list@fjord.example"), ""),
        (mail(to="returns+order5512@shop.example"), "returns"),
        (mail(to="list@fjord.example", delivered=(RETURNS,)), "returns"),
        (mail(to=RETURNS, delivered=(SUPPORT,)), "returns"),
        (mail(to=SUPPORT, original=(RETURNS,), delivered=(SUPPORT,)), "returns"),
        (mail(to=RETURNS, original=(SUPPORT,)), ""),
        (mail(to=RETURNS, original=("mailbox@host.example",)), "returns"),
    ],
)
def test_the_surest_field_that_names_one_of_our_addresses_decides(
    sent: ParsedMail, queue: str
) -> None:
    assert addressed_queue(sent, QUEUES, OWN) == queue
