"""How the sections of settings.toml must fit together, and what is merely odd."""

import pytest
from pydantic import ValidationError

from agentdesk.settings import (
    Agent,
    Imap,
    MailAccount,
    OtherAddress,
    Presence,
    Queue,
    ReadMailbox,
    Settings,
    Smtp,
    WrapUp,
    WrapUpCode,
    warnings,
)


def account(key: str = "support", **more: object) -> MailAccount:
    values: dict[str, object] = {
        "key": key,
        "name": "Support",
        "address": f"{key}@example.com",
        "imap": Imap(host="imap.example.com"),
        "smtp": Smtp(host="smtp.example.com"),
    }
    return MailAccount.model_validate(values | more)


def agent(login: str = "ana", **more: object) -> Agent:
    values = {"login": login, "name": login.title(), "email": f"{login}@example.com"}
    return Agent.model_validate(values | more)


def refused(**sections: object) -> str:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(sections)
    return str(caught.value)


def test_account_must_name_a_queue_that_exists() -> None:
    sentence = refused(mail_accounts=[account(queue="billing")])
    assert 'names the queue "billing", which does not exist; there are support' in sentence


def test_addresses_and_mailboxes_must_name_queues_that_exist() -> None:
    returns = OtherAddress(address="returns@example.com", queue="returns")
    assert 'queue "returns", which does not exist' in refused(
        mail_accounts=[account(addresses=[returns])]
    )
    orders = Imap(host="imap.example.com", mailboxes=(ReadMailbox(name="Orders", queue="o"),))
    assert 'queue "o", which does not exist' in refused(mail_accounts=[account(imap=orders)])


def test_several_queues_need_exactly_one_default() -> None:
    none = [Queue(key="a", name="A"), Queue(key="b", name="B")]
    assert "has no default" in refused(queues=none)
    two = [Queue(key="a", name="A", default=True), Queue(key="b", name="B", default=True)]
    assert 'is true, but "a" is the default already' in refused(queues=two)


def test_default_code_must_be_one_that_agents_may_choose() -> None:
    usual = Settings().wrap_up.codes
    two = WrapUp(codes=(*usual, WrapUpCode(key="x", label="X", default=True)))
    assert 'but "issue_resolved" is the default already' in refused(wrap_up=two)
    automatic = WrapUpCode(key="x", label="X", default=True, automatic=True)
    assert "agents cannot choose the default" in refused(
        wrap_up=WrapUp(codes=(automatic, *usual[1:]))
    )


def test_codes_that_the_desk_gives_itself_must_be_there() -> None:
    only = WrapUp(codes=(WrapUpCode(key="done", label="Done", default=True),))
    sentence = refused(wrap_up=only)
    assert 'lack "task_created"' in sentence
    assert 'lack "inactivity"' in sentence
    chosen = WrapUp(
        codes=(
            *only.codes,
            *Settings().wrap_up.codes[1:-2],
            WrapUpCode(key="task_created", label="T"),
            WrapUpCode(key="inactivity", label="I"),
        )
    )
    assert "the desk gives this code itself; set it to true" in refused(wrap_up=chosen)


def test_groups_must_exist_once_groups_are_declared() -> None:
    declared = [{"key": "front", "name": "Front"}]
    assert 'group "back"' in refused(groups=declared, agents=[agent(groups=["back"])])
    assert Settings.model_validate({"agents": [agent(groups=["back"])]}).agents


def test_queue_must_name_groups_that_somebody_has() -> None:
    queue = Queue(key="a", name="A", groups=("front",))
    assert 'names the group "front", which does not exist; there are none' in refused(
        queues=[queue]
    )


@pytest.mark.parametrize(
    ("section", "items"),
    [
        ("mail_accounts", [account(), account(address="b@example.com")]),
        ("groups", [{"key": "a", "name": "A"}] * 2),
        ("queues", [Queue(key="a", name="A", default=True), Queue(key="a", name="B")]),
        ("agents", [agent(), agent()]),
        ("presences", [Presence(key="available", label="A", work=True)] * 2),
        ("reject_reasons", [{"key": "busy", "label": "Busy"}] * 2),
    ],
)
def test_keys_are_given_once(section: str, items: list[object]) -> None:
    assert "a second time" in refused(**{section: items})


def test_one_address_belongs_to_one_account() -> None:
    other = account("sales", aliases=["Support@example.com"])
    assert 'which belongs to "support" already' in refused(mail_accounts=[account(), other])


def test_an_address_is_named_once_in_its_account() -> None:
    help_ = OtherAddress(address="Help@example.com", queue="support")
    twice = account(aliases=["help@example.com"], addresses=[help_])
    assert "stands in this account already" in refused(mail_accounts=[twice])
    sales = account("sales", addresses=[help_])
    assert 'which belongs to "support" already' in refused(
        mail_accounts=[account(aliases=["help@example.com"]), sales]
    )


def test_a_further_mailbox_is_read_once_in_any_spelling_of_inbox() -> None:
    for name in ("inbox", "Orders"):
        boxes = (ReadMailbox(name="Orders"), ReadMailbox(name=name))
        imap = Imap(host="imap.example.com", mailboxes=boxes)
        assert "its mail would be filed twice" in refused(mail_accounts=[account(imap=imap)])


def test_one_mailbox_is_read_once() -> None:
    imap = Imap(host="imap.example.com", username="shared")
    both = [account(imap=imap), account("sales", imap=imap)]
    assert "its mail would be filed twice" in refused(mail_accounts=both)


def advice(**sections: object) -> str:
    return "\n".join(f"{t.name} {t.words}" for t in warnings(Settings.model_validate(sections)))


def test_a_queue_that_nobody_can_serve_is_a_warning() -> None:
    groups = [{"key": "front", "name": "Front"}]
    lonely = Queue(key="billing", name="Billing", groups=("front",))
    found = advice(groups=groups, queues=[lonely], agents=[agent(role="supervisor")])
    assert 'queues[1] "billing" can be served by nobody' in found
    large = Queue(key="a", name="A", size=5)
    assert "served by nobody" in advice(queues=[large], agents=[agent(capacity=4)])
    assert "served by nobody" not in advice(queues=[large], agents=[agent(capacity=5)])


def test_empty_desk_and_desk_without_supervisor_are_warnings() -> None:
    assert "mail_accounts is empty" in advice()
    assert "agents is empty" in advice()
    assert "has no supervisor" in advice(agents=[agent()])
    assert advice(agents=[agent(role="admin")], mail_accounts=[account()]) == ""


def test_doubled_copies_are_warnings() -> None:
    gmail = account(smtp=Smtp(host="smtp.gmail.com"), sent_mailbox="Sent")
    assert "no copies are made" in advice(mail_accounts=[gmail])
    assert "never offered work" in advice(agents=[agent(capacity=0)])
