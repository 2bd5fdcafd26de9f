"""The one place that wires concrete things together: what each command of the command line runs.

Light at import: the screen paints before storage, services and engine are loaded.
"""

from agentdesk.bootstrap.running import check_storage, run_demo, run_desk, run_engine

__all__ = ["check_storage", "run_demo", "run_desk", "run_engine"]
