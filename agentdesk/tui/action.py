"""What an action is: one thing that a person can do, and where it is at home."""

from dataclasses import dataclass
from enum import StrEnum

from agentdesk.domain.actor import Role


class Scope(StrEnum):
    """Where an action is at home."""

    APP = "app"
    DESK = "desk"
    INBOX = "inbox"
    INTERACTION = "interaction"
    SUMMARY = "summary"
    CASE = "case"
    COMPOSER = "composer"
    LISTS = "lists"
    QUARANTINE = "quarantine"
    SUPERVISOR = "supervisor"
    AGENTS = "agents"
    WORK_ITEMS = "work_items"
    CHARTS = "charts"
    SETUP = "setup"
    PEOPLE = "people"
    RECORD = "record"
    TEMPLATES = "templates"
    CENTRES = "centres"

    @property
    def heading(self) -> str:
        """As the help screen calls it."""
        return HEADINGS[self]


HEADINGS = {
    Scope.APP: "Everywhere",
    Scope.DESK: "Desk",
    Scope.INBOX: "Inbox and work list",
    Scope.SUMMARY: "Summary",
    Scope.INTERACTION: "Interaction, and what a case has of it",
    Scope.CASE: "Case",
    Scope.COMPOSER: "Composer",
    Scope.LISTS: "Lists",
    Scope.QUARANTINE: "Quarantine",
    Scope.SUPERVISOR: "Wallboard",
    Scope.AGENTS: "Agents",
    Scope.WORK_ITEMS: "Work items",
    Scope.CHARTS: "Charts",
    Scope.SETUP: "Routing setup",
    Scope.PEOPLE: "Find people",
    Scope.RECORD: "Record of a person or account",
    Scope.TEMPLATES: "Templates",
    Scope.CENTRES: "Contact centres",
}

EVERYBODY = frozenset(Role)
SUPERVISORS = frozenset({Role.SUPERVISOR, Role.ADMIN})
ADMINS = frozenset({Role.ADMIN})


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a person can do; `action_<id>` does it.

    `key`: default keys, separated by commas, the shown one first. `footer`: its rank in the footer,
    1 is kept longest on a narrow screen, 0 is never shown there. `words`: the footer's short label.
    `help` is one line for palette and help. `early`: works before the desk is open. `anywhere`: heard
    inside text fields and dialogs too, so its keys must be chords.
    """

    id: str
    key: str
    scope: Scope
    label: str
    help: str
    words: str = ""
    footer: int = 0
    roles: frozenset[Role] = EVERYBODY
    early: bool = False
    anywhere: bool = False

    def may(self, role: Role) -> bool:
        """Whether *role* sees this action at all. Services check again."""
        return role in self.roles
