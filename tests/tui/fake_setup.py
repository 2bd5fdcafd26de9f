"""A routing setup without storage: versions in memory, read and written as the services do."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from agentdesk.domain.actor import Actor
from agentdesk.domain.editing import Checked, Fault, PolicyVersion, SetupView
from agentdesk.domain.errors import Conflict
from agentdesk.domain.policy import Policy
from agentdesk.settings import document
from agentdesk.settings.changes import changes
from agentdesk.settings.export import export, items

BEGAN = datetime(2026, 3, 2, 9, 41, tzinfo=UTC)
TOML = """
[[agents]]
login = "ana"
name = "Ana Ruiz"
groups = ["support"]
skills = { german = 3 }

[[agents]]
login = "sue"
name = "Sue Lind"
role = "admin"

[[groups]]
key = "support"
name = "Support"

[[skills]]
key = "german"
name = "German"

[[queues]]
key = "support"
name = "Support"
skills = ["german?"]
pools = [{ groups = ["support"] }, { after_s = 60 }]

[[queues]]
key = "sales"
name = "Sales [/order]"
goal = 90
"""


def policy(text: str = TOML) -> Policy:
    """What *text* defines."""
    found = document.read(text)
    assert found.policy is not None, found.problems
    return found.policy


@dataclass
class FakeSetup:
    """`versions`: every policy that held, the newest last, and who made it."""

    versions: list[tuple[Policy, str]] = field(default_factory=lambda: [(policy(), "agentdesk")])
    checks: int = 0

    def parts(self) -> dict[str, dict[str, Any]]:
        """What it stands in for."""
        names = ("current", "history", "text_of", "check", "save", "restore")
        return {"setup": {name: getattr(self, name) for name in names}}

    @property
    def held(self) -> Policy:
        """The policy in force."""
        return self.versions[-1][0]

    async def current(self, _desk: Any, actor: Actor) -> SetupView:
        texts = {section: tuple(found) for section, found in items(self.held).items()}
        history = await self.history(_desk, actor)
        return SetupView(len(self.versions), export(self.held), texts, history)

    async def history(self, _desk: Any, _actor: Actor) -> tuple[PolicyVersion, ...]:
        return tuple(
            PolicyVersion(n, BEGAN + timedelta(hours=n), self.versions[n - 1][1])
            for n in range(len(self.versions), 0, -1)
        )

    async def text_of(self, _desk: Any, _actor: Actor, version: int) -> str:
        return export(self.versions[version - 1][0])

    async def check(self, _desk: Any, _actor: Actor, toml: str) -> Checked:
        self.checks += 1
        found = document.read(toml)
        return Checked(
            tuple(Fault(p.line, f"{p.key} {p.words}.") for p in found.problems),
            tuple(Fault(p.line, f"{p.key} {p.words}.") for p in found.warnings),
            changes(self.held, found.policy) if found.policy else (),
        )

    async def save(self, _desk: Any, actor: Actor, toml: str, base_version: int) -> int:
        if base_version != len(self.versions):
            raise Conflict("The routing setup was changed meanwhile, by Eva Brandt.")
        self.versions.append((policy(toml), actor.name))
        return len(self.versions)

    async def restore(self, desk: Any, actor: Actor, version: int, base_version: int) -> int:
        return await self.save(desk, actor, await self.text_of(desk, actor, version), base_version)
