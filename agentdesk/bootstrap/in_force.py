"""Whether the routing policy that holds is the one of the settings file."""

from pathlib import Path
from typing import Any

from agentdesk.bootstrap import plan
from agentdesk.settings import Settings
from agentdesk.settings.finding import Finding, Level
from agentdesk.settings.policy import policy_of
from agentdesk.storage import policies
from agentdesk.storage.store import Transaction


async def finding(tx: Transaction, settings: Settings, path: Path) -> list[Finding]:
    """Nothing while they are the same, or before the first start."""
    newest = await policies.versions(tx, 1)
    if not newest:
        return []
    row, origin = newest[0], plan.origin(path)
    in_file = policies.fingerprint(policy_of(settings))
    if policies.fingerprint((await policies.in_force(tx)).policy) == in_file:
        return []
    changed = await policies.last_from(tx, origin) != in_file
    if row.origin == origin:
        said, advice = "The file says another routing than the one in force.", _NEXT
    else:
        said = _said(row, settings)
        advice = f"agentdesk routing export shows it. {_NEXT if changed else _STAYS}"
    return [Finding(Level.WARN, "routing", said, advice)]


_NEXT = "The next start of agentdesk run or engine puts the file's routing in force."
_STAYS = "It stays in force until the file's routing is changed."


def _said(row: Any, settings: Settings) -> str:
    at = row.at.astimezone(plan.zone(settings)).strftime("%Y-%m-%d %H:%M")
    if row.origin:
        return f"The routing in force comes from {row.origin}, since {at}."
    return f"Routing was changed by {row.by} on {at}; the file says something else."
