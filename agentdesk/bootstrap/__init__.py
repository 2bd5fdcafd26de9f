"""The one place that wires concrete things together: what each command of the command line runs.

Light at import: the screen paints before storage, services and engine are loaded.
"""

from pathlib import Path

from agentdesk.bootstrap.running import run_demo, run_desk, run_engine

__all__ = ["check_storage", "run_demo", "run_desk", "run_engine"]


def check_storage(settings_path: Path) -> "list[object]":
    """What `agentdesk check` says of the database and of running engines."""
    raise NotImplementedError
