"""Who reads again after a change."""

import pytest

from agentdesk.domain.feed import Change
from agentdesk.domain.ids import AgentId, CustomerId, DraftId, InteractionId

ANA, BEN = AgentId(1), AgentId(2)


@pytest.mark.parametrize(
    ("change", "concerns"),
    [
        (Change(agents=frozenset({BEN}), last_seq=7), False),
        (Change(agents=frozenset({ANA, BEN}), last_seq=7), True),
        (Change(agents=frozenset({BEN}), offers=True, last_seq=7), True),
        (Change(interactions=frozenset({InteractionId(3)}), last_seq=7), True),
        (Change(last_seq=7), True),
    ],
)
def test_what_only_other_agents_did_concerns_nobody_else(change: Change, concerns: bool) -> None:
    assert change.may_concern(ANA) is concerns


@pytest.mark.parametrize(
    ("change", "moves"),
    [
        (Change(drafts=frozenset({DraftId(5)}), last_seq=7), False),
        (Change(deliveries=True, templates=True, last_seq=7), False),
        (Change(agents=frozenset({BEN}), last_seq=7), True),
        (Change(customers=frozenset({CustomerId(2)}), last_seq=7), True),
        (Change(policy=True, last_seq=7), True),
        (Change(), True),
    ],
)
def test_typing_moves_no_work_and_a_gap_may_have(change: Change, moves: bool) -> None:
    assert change.moves_work is moves
