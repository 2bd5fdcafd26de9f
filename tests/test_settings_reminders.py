"""Reminders in settings.toml: what may be written, for whom it holds, and what comes too late."""

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from agentdesk.domain import reminder
from agentdesk.settings import Settings, warnings
from agentdesk.settings.reminders import rules_of
from tests.test_settings_rules import account

DOCS = (Path(__file__).parent.parent / "docs/settings.md").read_text(encoding="utf-8")


def told(**sections: object) -> list[str]:
    found = warnings(Settings.model_validate(sections))
    return [f"{t.name} {t.words}" for t in found if "reminder" in t.name or "notice" in t.name]


def test_the_usual_rule_is_that_of_the_domain_and_warns_of_nothing() -> None:
    assert rules_of(Settings()) == reminder.Reminders()
    assert told() == []
    assert reminder.TEXT.strip() in DOCS


def test_an_account_says_only_what_is_other_there() -> None:
    own = account(reminders={"inbound_days": 1, "text": "{name}?"})
    off = account("sales", reminders={"enabled": False})
    s = Settings.model_validate({"mail_accounts": [own, off], "reminders": {"most": 3}})
    rules = rules_of(s)
    assert rules.of("support").inbound == timedelta(days=1)
    assert (rules.of("support").most, rules.of("support").text) == (3, "{name}?")
    assert (rules.of("sales").inbound, rules.of("sales").outbound) == (None, None)
    assert rules.of("other") == rules.usual


def test_an_unknown_variable_is_named() -> None:
    text = {"text": "About {order}"}
    words = r"names \{order\}, which is unknown; \{name\}"
    with pytest.raises(ValidationError, match=words):
        Settings.model_validate({"reminders": text})
    with pytest.raises(ValidationError, match=words):
        account(reminders=text)


def test_what_comes_after_the_close_is_told() -> None:
    (late,) = told(reminders={"inbound_days": 5})
    assert late == (
        "reminders.inbound_days lets reminder 1 come after silence has closed, which is after 5 days"
    )
    (third,) = told(reminders={"most": 3})
    assert "reminder 3" in third
    (own,) = told(mail_accounts=[account(reminders={"outbound_hours": 800})])
    assert own.startswith("mail_accounts[1].reminders.outbound_hours lets reminder 1")
    assert told(reminders={"inbound_days": 5, "enabled": False}) == []
    (never,) = told(inactivity={"notice_days": 5})
    assert never.endswith("but silence closes after 5 days: nobody is told")
