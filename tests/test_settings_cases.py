"""Cases in settings.toml: the usual ones are those of the domain, and names must mean something."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from agentdesk.domain.case_rules import CaseRules
from agentdesk.domain.service_level import LevelRule
from agentdesk.settings import Settings, warnings
from agentdesk.settings.cases import rules_of


def refused(**cases: object) -> str:
    with pytest.raises(ValidationError) as refusal:
        Settings.model_validate({"cases": cases})
    return str(refusal.value)


def test_the_usual_rules_are_those_of_the_domain() -> None:
    assert rules_of(Settings().cases) == CaseRules()


def test_minutes_and_hours_become_seconds() -> None:
    level = {"priority": 1, "first_response_minutes": 30, "resolution_hours": 8}
    s = Settings.model_validate({"cases": {"close_days": 2, "levels": [level]}})
    rules = rules_of(s.cases)
    assert rules.close_after == timedelta(days=2)
    assert rules.levels == (LevelRule(1, first_response_s=1_800, resolution_s=28_800),)


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("category", 'names the category "nowhere", which does not exist; there are question'),
        ("queue", 'names the queue "nowhere", which does not exist'),
        ("schedule", 'names the schedule "nowhere", which does not exist; there are none'),
    ],
)
def test_what_a_level_names_must_exist(what: str, words: str) -> None:
    assert words in refused(levels=[{what: "nowhere"}])


def test_keys_occur_once_and_there_is_a_code() -> None:
    twice = [{"key": "a", "label": "A"}, {"key": "a", "label": "B"}]
    assert 'is "a" a second time' in refused(categories=twice)
    assert 'is "a" a second time' in refused(codes=twice)
    assert "a case is resolved with one" in refused(codes=[])


def test_a_level_that_never_holds_is_told() -> None:
    levels = [{"resolution_hours": 8}, {"priority": 1, "resolution_hours": 2}]
    found = [t.words for t in warnings(Settings.model_validate({"cases": {"levels": levels}}))]
    assert any("never holds: level 1 fits all of its cases" in words for words in found)
    levels.reverse()
    found = [t.words for t in warnings(Settings.model_validate({"cases": {"levels": levels}}))]
    assert not any("never holds" in words for words in found)
