"""The demo: a desk like any other, on a settings.toml that names a mail world of its own."""

import asyncio
import tempfile
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from agentdesk.settings.options import DemoOptions

if TYPE_CHECKING:
    from agentdesk.bootstrap.opened import RunningDesk


SUPERVISOR = "sue"
"""Who sits at the supervisor's screen of the demo, unless somebody else is named."""


class Showcase:
    """The folder of a demo, and the mail world that opens and closes with the desk."""

    def __init__(self, options: DemoOptions) -> None:
        if options.supervisor and options.login == DemoOptions().login:
            options = replace(options, login=SUPERVISOR)
        self._options = options
        self._forgotten: tempfile.TemporaryDirectory[str] | None = None
        self._world: Any = None
        if options.data is None:
            self._forgotten = tempfile.TemporaryDirectory(
                prefix="agentdesk-demo-", ignore_cleanup_errors=True
            )
        self.folder = options.data or Path(self._forgotten.name if self._forgotten else ".")

    def __enter__(self) -> "Showcase":
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._forgotten is not None:
            self._forgotten.cleanup()

    async def open(self) -> "RunningDesk":
        """Start the world, write its settings, and open the desk on them."""
        wiring = await asyncio.to_thread(import_module, "agentdesk.bootstrap.staging")
        running: RunningDesk = await wiring.stage(self._options, self.folder)
        return running
