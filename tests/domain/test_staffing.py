"""Who serves which queue."""

from agentdesk.domain.policy import AgentSetup, Policy, PoolSetup, QueueSetup, SkillNeed
from agentdesk.domain.staffing import Staffing

ANA = AgentSetup("ana", "Ana Ruiz", groups=frozenset({"support"}), skills={"german": 3})
BEN = AgentSetup("ben", "Ben Okafor", groups=frozenset({"sales"}))
GROUPED = QueueSetup("support", "Support", pools=(PoolSetup(frozenset({"support"})),))
OPEN = QueueSetup("open", "Open")
LATER = QueueSetup(
    "later",
    "Later",
    pools=(PoolSetup(frozenset({"support"})), PoolSetup(frozenset({"sales"}), after_s=60)),
)
SKILLED = QueueSetup("german", "German", skills=(SkillNeed("german", 2),))
WISHED = QueueSetup("wish", "Wish", skills=(SkillNeed("german", 2, mandatory=False),))


def test_pools_and_mandatory_skills_decide() -> None:
    policy = Policy(agents=(ANA, BEN), queues=(GROUPED, OPEN, LATER, SKILLED, WISHED))
    assert Staffing().of(policy) == {
        "support": {"ana"},
        "open": {"ana", "ben"},
        "later": {"ana", "ben"},
        "german": {"ana"},
        "wish": {"ana", "ben"},
    }


def test_another_policy_is_worked_out_anew() -> None:
    staffing = Staffing()
    assert staffing.of(Policy(agents=(ANA,), queues=(OPEN,))) == {"open": {"ana"}}
    assert staffing.of(Policy(agents=(BEN,), queues=(OPEN,))) == {"open": {"ben"}}
