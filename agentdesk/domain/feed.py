"""What a client hears after each commit, its own or another process's."""

from dataclasses import dataclass, field

from agentdesk.domain.ids import (
    AccountId,
    AgentId,
    CaseId,
    CustomerId,
    DraftId,
    InteractionId,
    ThreadId,
)


@dataclass(frozen=True, slots=True)
class Change:
    """Which records moved. `offers`: some inbox or queue changed; `deliveries`: some outgoing mail;
    `policy`: how work reaches agents; `templates`: some canned text;
    `centres`: something of a contact centre, such as an order to it.
    `last_seq`: the newest event in it; 0 where something may have been missed.

    Only names what to read again; two changes merge by union, so a burst costs one repaint.
    """

    interactions: frozenset[InteractionId] = field(default=frozenset())
    agents: frozenset[AgentId] = field(default=frozenset())
    drafts: frozenset[DraftId] = field(default=frozenset())
    offers: bool = False
    deliveries: bool = False
    policy: bool = False
    customers: frozenset[CustomerId] = field(default=frozenset())
    accounts: frozenset[AccountId] = field(default=frozenset())
    templates: bool = False
    cases: frozenset[CaseId] = field(default=frozenset())
    centres: bool = False
    last_seq: int = 0

    def may_concern(self, agent_id: AgentId) -> bool:
        """False where nothing but other agents changed, such as their presence."""
        return (
            not self.agents
            or agent_id in self.agents
            or self != Change(agents=self.agents, last_seq=self.last_seq)
        )

    @property
    def threads(self) -> frozenset[ThreadId]:
        """The interactions and the cases."""
        return self.interactions | self.cases

    @property
    def moves_work(self) -> bool:
        """Whether anything changed that queues, agents and figures are told from; typing does not."""
        told = (self.interactions, self.cases, self.agents, self.customers)
        return any(told) or self.offers or self.policy or not self.last_seq

    def __or__(self, other: "Change") -> "Change":
        return Change(
            self.interactions | other.interactions,
            self.agents | other.agents,
            self.drafts | other.drafts,
            self.offers or other.offers,
            self.deliveries or other.deliveries,
            self.policy or other.policy,
            self.customers | other.customers,
            self.accounts | other.accounts,
            self.templates or other.templates,
            self.cases | other.cases,
            self.centres or other.centres,
            max(self.last_seq, other.last_seq),
        )
