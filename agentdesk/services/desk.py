"""What every use-case works on: the database, the time and the rules."""

from dataclasses import dataclass

from agentdesk.domain.clock import Clock
from agentdesk.domain.rules import Rules
from agentdesk.storage.store import Store


@dataclass(frozen=True, slots=True)
class Desk:
    """An open desk. `session` is this process's own id, unique among all that ever ran."""

    store: Store
    clock: Clock
    rules: Rules
    session: str
