"""Writing what settings define into the database, and keeping up with the policy that holds."""

from agentdesk.domain.event import SYSTEM, By, Event, Happened, Record
from agentdesk.domain.policy import Policy
from agentdesk.domain.setup import DeskSetup
from agentdesk.services.desk import Desk
from agentdesk.storage import desk as desk_rows
from agentdesk.storage import policies
from agentdesk.storage.store import Transaction


async def apply(desk: Desk, setup: DeskSetup, origin: str = "") -> None:
    """Agents, queues, mail accounts and codes as in *setup*; others are switched off.

    *origin* names the settings file. The policy of a file that says what it said the last time is
    not written again: an administrator may have changed it on the screen since.
    """
    async with desk.store.write() as tx:
        said_before = origin and await policies.last_from(tx, origin)
        if not said_before or said_before != policies.fingerprint(setup.policy):
            await put(desk, tx, setup.policy, SYSTEM, origin)
        await desk_rows.apply(tx, setup)
    await refresh(desk)


async def put(desk: Desk, tx: Transaction, policy: Policy, by: By, origin: str = "") -> int:
    """A new version of the policy, which was checked before; returns its number."""
    now = desk.clock.now()
    version = await policies.add(tx, policy, by.name, origin, now)
    await desk_rows.apply_policy(tx, policy)
    tx.record(Event(now, by, Record.POLICY, version, Happened.POLICY_CHANGED, {"origin": origin}))
    return version


async def refresh(desk: Desk) -> None:
    """Take up the policy that holds, if it is another one than this process goes by."""
    async with desk.store.read() as tx:
        if await policies.newest_version(tx) != desk.in_force.version:
            desk.shelf.in_force = await policies.in_force(tx)
