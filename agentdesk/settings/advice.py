"""Settings that are allowed but look wrong: shown by `agentdesk check`, never refused."""

from collections.abc import Iterator

from agentdesk.domain.actor import Role
from agentdesk.settings.people import Agent
from agentdesk.settings.problems import Trouble
from agentdesk.settings.root import Settings
from agentdesk.settings.work import Queue


def warnings(settings: Settings) -> Iterator[Trouble]:
    """What a person should look at, section by section."""
    yield from _accounts(settings)
    yield from _agents(settings)
    yield from _queues(settings)


def _accounts(s: Settings) -> Iterator[Trouble]:
    if not s.mail_accounts:
        yield Trouble(("mail_accounts",), "is empty, so no mail arrives; run agentdesk init")
    for i, account in enumerate(s.mail_accounts):
        if account.sent_mailbox and account.files_sent_itself:
            words = "is set, but this provider files sent mail itself; no copies are made, so leave it empty"
            yield Trouble(("mail_accounts", i, "sent_mailbox"), words)


def _agents(s: Settings) -> Iterator[Trouble]:
    if not s.agents:
        yield Trouble(("agents",), "is empty, so nobody can sign in; add an [[agents]] table")
    elif all(a.role is Role.AGENT for a in s.agents):
        words = 'has no supervisor; give one agent role = "supervisor" to see and move all work'
        yield Trouble(("agents",), words)
    for i, agent in enumerate(s.agents):
        if agent.capacity == 0:
            yield Trouble(
                ("agents", i, "capacity"), f"is 0, so {agent.login} is never offered work"
            )


def _queues(s: Settings) -> Iterator[Trouble]:
    for i, queue in enumerate(s.queues):
        if s.agents and not any(_serves(agent, queue) for agent in s.agents):
            words = (
                f'"{queue.key}" can be served by nobody; check its groups, its size and capacities'
            )
            yield Trouble(("queues", i), words)


def _serves(agent: Agent, queue: Queue) -> bool:
    fits = agent.capacity >= queue.size
    return fits and any(
        not pool.groups or set(pool.groups) & set(agent.groups) for pool in queue.eligibility
    )
