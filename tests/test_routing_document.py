"""The routing sections as a document of their own: read, written, read again."""

import tomllib

from hypothesis import HealthCheck, given, settings

from agentdesk.domain.policy import Policy, PoolSetup, QueueSetup
from agentdesk.settings import document
from agentdesk.settings.export import export, items, joined
from tests.desks import POLICY
from tests.policies import policies


@given(policies())
@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_what_is_exported_is_imported_as_the_same_policy(policy: Policy) -> None:
    found = document.read(export(policy))
    assert found.problems == ()
    assert found.policy == policy


@given(policies())
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_items_together_are_the_document(policy: Policy) -> None:
    none = [] if policy.reject_reasons else ["reject_reasons"]
    assert document.read(joined(items(policy), none)).policy == policy


def test_usual_values_are_left_out() -> None:
    text = export(Policy(queues=(QueueSetup("support", "Support", accept_timeout_s=30),)))
    assert tomllib.loads(text) == {
        "queues": [{"key": "support", "name": "Support", "accept_timeout_s": 30}],
        "routing": {"ramp_s": 0},
    }


def test_a_queue_without_a_pool_stays_without_one() -> None:
    manual = Policy(queues=(QueueSetup("post", "Post", pools=()),))
    assert "pools = []" in export(manual)
    assert document.read(export(manual)).policy == manual


def test_the_first_of_each_section_is_explained() -> None:
    text = export(POLICY, default_queue="support")
    assert text.startswith('# Somebody who answers customers.\n[[agents]]\nlogin = "ana"')
    assert text.count("# The name on the screen") == 0
    assert 'groups = ["support"]  # the groups that serve this queue; empty is everyone' in text
    assert tomllib.loads(text)["queues"][0]["default"] is True


def test_a_pool_is_written_a_line_each() -> None:
    pools = (PoolSetup(frozenset({"a", "b"})), PoolSetup(after_s=60))
    text = export(Policy(queues=(QueueSetup("support", "Support", pools=pools),)))
    assert '  { groups = ["a", "b"], after_s = 0 },\n  { after_s = 60 },\n]' in text
