"""Runs the sandbox and says where it is."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from agentdesk.sandbox.sandbox import Sandbox


def run_sandbox(data: Path | None, port: int, seed: int) -> int:
    """Serve until a signal; returns the exit code. Raises `BadInput`."""
    from agentdesk.sandbox import server

    asyncio.run(server.run(data, port, seed, _say))
    typer.echo("The sandbox has ended.")
    return 0


def _say(address: str, sandbox: "Sandbox") -> None:
    from agentdesk.sandbox import seeding

    seed = sandbox.office.seed
    agents = "\n".join(f"  {a.name:<14} {a.email}" for a in sandbox.office.agents.values())
    queues = "\n".join(f"  {q.name:<14} {q.id}" for q in sandbox.office.queues.values())
    typer.echo(
        f"""The sandbox answers at    {address}
Panel for a browser       {address}/__sandbox__/
Service client            {seeding.service_client(seed)}
  its secret              {seeding.secret_of(seed)}
Client for agents (PKCE)  {seeding.desk_client(seed)}
Queues
{queues}
Agents, without a password
{agents}
Ctrl-C ends it."""
    )
