"""Who does it: every service call names its actor."""

from dataclasses import dataclass
from enum import StrEnum

from agentdesk.domain.errors import NotAllowed
from agentdesk.domain.ids import AgentId


class Role(StrEnum):
    """What a person may do. Each role may do all that the one before may."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Actor:
    """A signed-in agent. `session` is this client's own id: two windows are two sessions."""

    agent_id: AgentId
    name: str
    role: Role
    session: str = ""

    def must_supervise(self) -> None:
        """Raises `NotAllowed` unless supervisor or admin."""
        if self.role is Role.AGENT:
            raise NotAllowed("Only a supervisor can do this.")

    def must_administer(self) -> None:
        """Raises `NotAllowed` unless admin."""
        if self.role is not Role.ADMIN:
            raise NotAllowed("Only an admin can do this.")


def at_the_command_line(user: str) -> Actor:
    """Whoever administers this machine: may do everything, and is no agent of the desk."""
    return Actor(AgentId(0), f"{user} at the command line", Role.ADMIN)
