"""Changing the routing policy: looked at, checked, saved and taken back, as one document.

Only for admins. What may stand in the document is decided by `agentdesk.settings.document`; here is
what depends on the desk: mail accounts that name a queue, and work that waits in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from agentdesk.domain.actor import Actor, Role
from agentdesk.domain.editing import Checked, Fault, PolicyVersion, SetupView
from agentdesk.domain.errors import Conflict, NotFound, PolicyRefused
from agentdesk.domain.event import By
from agentdesk.domain.policy import Policy
from agentdesk.services import configuration
from agentdesk.services.desk import Desk
from agentdesk.settings import document
from agentdesk.settings.changes import changes
from agentdesk.settings.export import export, items
from agentdesk.settings.problems import Problem
from agentdesk.storage import policies
from agentdesk.storage import setup as setup_rows
from agentdesk.storage.store import Transaction


@dataclass(frozen=True, slots=True)
class _Around:
    """What the desk has beside its policy."""

    accounts: list[tuple[str, str]]
    waiting: dict[str, int]
    held: dict[str, int]


async def current(desk: Desk, actor: Actor) -> SetupView:
    """The policy that holds, and who changed it when. Raises `NotAllowed`."""
    actor.must_administer()
    async with desk.store.read() as tx:
        held = await policies.in_force(tx)
        history = await _history(tx)
    texts = {section: tuple(found) for section, found in items(held.policy).items()}
    return SetupView(held.version, export(held.policy), texts, history)


async def history(desk: Desk, actor: Actor) -> tuple[PolicyVersion, ...]:
    """Every version that is kept, the newest first. Raises `NotAllowed`."""
    actor.must_administer()
    async with desk.store.read() as tx:
        return await _history(tx)


async def text_of(desk: Desk, actor: Actor, version: int, default_queue: str = "") -> str:
    """A version as TOML, with *default_queue* as that of settings.toml, which is no part of it.

    Raises `NotFound` when the version is not kept any more.
    """
    actor.must_administer()
    async with desk.store.read() as tx:
        return export(await _kept(tx, version), default_queue)


async def check(desk: Desk, actor: Actor, toml: str) -> Checked:
    """What is to be said of the document *toml* before it is saved. Raises `NotAllowed`."""
    actor.must_administer()
    found = document.read(toml)
    async with desk.store.read() as tx:
        before = (await policies.in_force(tx)).policy
        around = await _around(tx)
    return _judged(desk, actor, found, before, around)


async def save(desk: Desk, actor: Actor, toml: str, base_version: int) -> int:
    """The policy is *toml* from now on; its version, which is *base_version* if nothing changes.

    Raises `PolicyRefused` with the first problem, `Conflict` when somebody saved since
    *base_version*, `NotAllowed`.
    """
    actor.must_administer()
    found = document.read(toml)
    async with desk.store.write() as tx:
        newest = await policies.newest_version_locked(tx)
        if newest != base_version:
            raise Conflict(await _who_was_first(tx))
        before = (await policies.in_force(tx)).policy
        judged = _judged(desk, actor, found, before, await _around(tx))
        if judged.problems:
            raise PolicyRefused(str(judged.problems[0]))
        assert found.policy is not None
        if found.policy == before:
            return base_version
        version = await configuration.put(desk, tx, found.policy, By.actor(actor))
    await configuration.refresh(desk)
    return version


async def restore(desk: Desk, actor: Actor, version: int, base_version: int) -> int:
    """The policy is as it was in *version*, as a new version. Raises as `save`, and `NotFound`."""
    return await save(desk, actor, await text_of(desk, actor, version), base_version)


async def _history(tx: Transaction) -> tuple[PolicyVersion, ...]:
    rows = await policies.versions(tx)
    return tuple(PolicyVersion(row.id, row.at, row.by, row.origin) for row in rows)


async def _kept(tx: Transaction, version: int) -> Policy:
    policy = await policies.version(tx, version)
    if policy is None:
        raise NotFound(f"Version {version} of the routing setup is not kept any more.")
    return policy


async def _who_was_first(tx: Transaction) -> str:
    newest = (await _history(tx))[0]
    return (
        f"The routing setup was changed meanwhile, {newest.said}. Nothing was saved; open it again "
        "and repeat your change."
    )


async def _around(tx: Transaction) -> _Around:
    return _Around(
        await setup_rows.queues_of_mail(tx),
        await setup_rows.waiting_by_queue(tx),
        await setup_rows.held_by_agent(tx),
    )


def _judged(
    desk: Desk, actor: Actor, found: document.Document, before: Policy, around: _Around
) -> Checked:
    said = Checked(
        tuple(_fault(p) for p in found.problems),
        tuple(_fault(p) for p in found.warnings),
        skipped=found.skipped,
    )
    if found.policy is None:
        return said
    refusals = (
        *_missing_queues(desk, found.policy, around),
        *_unknown_centres(desk, found.policy),
        *_no_admin(actor, found.policy, before),
    )
    return replace(
        said,
        problems=tuple(Fault(0, sentence) for sentence in refusals),
        warnings=(*said.warnings, *(Fault(0, w) for w in _left(found.policy, before, around))),
        changes=changes(before, found.policy),
    )


def _fault(problem: Problem) -> Fault:
    return Fault(problem.line, str(replace(problem, line=0)))


def _missing_queues(desk: Desk, policy: Policy, around: _Around) -> Iterator[str]:
    """Mail must have somewhere to go."""
    kept = {queue.key for queue in policy.queues}
    for account, queue in around.accounts:
        if queue not in kept:
            yield (
                f'The mail account "{account}" sends mail to the queue "{queue}", which would be '
                "gone. Name another queue for it in settings.toml first."
            )
    for address, queue in desk.rules.address_queues.items():
        if queue not in kept:
            yield (
                f'Mail to {address} goes to the queue "{queue}", which would be gone. Name another '
                "queue for it in settings.toml first."
            )


def _unknown_centres(desk: Desk, policy: Policy) -> Iterator[str]:
    """Work that a contact centre routes must have one."""
    for queue in policy.queues:
        if queue.external and queue.external not in desk.rules.centres:
            known = ", ".join(desk.rules.centres)
            there = f"there are {known}" if known else "there are none"
            yield (
                f'The queue "{queue.key}" names the contact centre "{queue.external}", which '
                f"does not exist; {there} in settings.toml."
            )


def _no_admin(actor: Actor, policy: Policy, before: Policy) -> Iterator[str]:
    """Nobody locks the door from outside; who administers the machine has another key."""
    admins = any(agent.role is Role.ADMIN for agent in policy.agents)
    had = any(agent.role is Role.ADMIN for agent in before.agents)
    if had and not admins and actor.agent_id:
        yield "Nobody would be admin any more. Make somebody else admin first."


def _left(policy: Policy, before: Policy, around: _Around) -> Iterator[str]:
    """Work whose queue or agent goes."""
    kept = {queue.key for queue in policy.queues}
    for queue in before.queues:
        waits = around.waiting.get(queue.key, 0)
        if queue.key not in kept and waits:
            what = "1 item waits" if waits == 1 else f"{waits:,} items wait"
            stay = "it stays" if waits == 1 else "they stay"
            yield f'{what} in the queue "{queue.key}", which goes; {stay} there until moved.'
    people = {agent.login for agent in policy.agents}
    for agent in before.agents:
        holds = around.held.get(agent.login, 0)
        if agent.login not in people and holds:
            what = "1 open interaction" if holds == 1 else f"{holds:,} open interactions"
            yield f"{agent.name}, who goes, holds {what}; they stay with them until moved."
