"""The commands: demo, run and engine."""

import asyncio
import contextlib
import gc
import logging
import signal
from collections.abc import Awaitable, Callable
from importlib import import_module
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agentdesk import locations

if TYPE_CHECKING:
    from agentdesk.bootstrap.opened import RunningDesk
    from agentdesk.settings import Settings
    from agentdesk.settings.finding import Finding
    from agentdesk.settings.options import DemoOptions

DEMO_TIP = (
    "To try: a contact centre, which plays inside this demo, offers the mail in the queue Claims. Accept "
    "one and transfer it with t: Cleo Haas takes it, Dev Patel lets it go."
)
LOG_BYTES, LOG_FILES = 2_000_000, 3


def run_desk(settings_path: Path, login: str) -> int:
    """The desk on the mailboxes of settings.toml, until its agent leaves. Raises `SettingsError`."""
    from agentdesk.settings import load

    settings = load(settings_path)
    _log_to(locations.log_dir())

    async def opened() -> "RunningDesk":
        return await _open(settings, settings_path, login)

    return _show(opened, settings, theme="", supervisor=False)


def run_engine(settings_path: Path) -> int:
    """The mail engine alone, until SIGINT, SIGTERM or SIGHUP. Raises `SettingsError`."""
    from agentdesk.settings import load

    settings = load(settings_path)
    _log_to(locations.log_dir())
    asyncio.run(_engine_until_stopped(settings, settings_path))
    return 0


def run_demo(options: "DemoOptions") -> int:
    """The desk in a mail world of its own on loopback."""
    from agentdesk.bootstrap.showcase import Showcase

    with Showcase(options) as showcase:
        _log_to(showcase.folder)
        return _show(showcase.open, None, theme=options.theme, supervisor=options.supervisor)


def check_storage(settings: "Settings", settings_path: Path) -> "list[Finding]":
    """What `agentdesk check` says of the database, of running engines and of routing."""
    from agentdesk.bootstrap.health import findings

    return asyncio.run(findings(settings, settings_path))


def _show(
    opened: Callable[[], Awaitable["RunningDesk"]],
    settings: "Settings | None",
    *,
    theme: str,
    supervisor: bool,
) -> int:
    from agentdesk.tui.app import DeskApp

    async def settled() -> "RunningDesk":
        running = await opened()
        gc.freeze()  # what is loaded by now stays: looking through all of it stops the loop for 0.1 s
        return running

    app = DeskApp(settled, _options(settings, theme=theme, supervisor=supervisor))
    app.run()
    return app.return_code or 0


def _options(settings: "Settings | None", *, theme: str, supervisor: bool) -> Any:
    from agentdesk.tui.options import DeskOptions

    if settings is None:
        theme = theme or DeskOptions().theme
        return DeskOptions(theme=theme, start_at_wallboard=supervisor, tip=DEMO_TIP)
    from agentdesk.bootstrap.screen import options

    return options(settings)


async def _open(settings: "Settings", path: Path, login: str) -> "RunningDesk":
    """Load the heavy parts beside the painted screen, then open."""
    wiring = await asyncio.to_thread(import_module, "agentdesk.bootstrap.from_settings")
    running: RunningDesk = await wiring.open_running(settings, path, login)
    return running


async def _engine_until_stopped(settings: "Settings", path: Path) -> None:
    from agentdesk.bootstrap.from_settings import open_running

    running = await open_running(settings, path, None)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        with contextlib.suppress(NotImplementedError):
            loop.add_signal_handler(each, stop.set)
    print("The engine runs. Stop it with Ctrl-C.", flush=True)  # noqa: T201
    telling = asyncio.create_task(_tell_health(running))
    await stop.wait()
    telling.cancel()
    await running.close()


async def _tell_health(running: "RunningDesk") -> None:
    """One line whenever a loop changes for the better or the worse."""
    told: dict[str, str] = {}
    while True:
        for loop in running.health():
            if loop.sentence != told.get(loop.name, "") and loop.health != "busy":
                told[loop.name] = loop.sentence
                print(f"{loop.name}: {loop.sentence or 'all is well again.'}", flush=True)  # noqa: T201
        await asyncio.sleep(1)


def _log_to(folder: Path) -> None:
    """Everything goes to a file: the screen belongs to the desk."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = RotatingFileHandler(
            folder / "agentdesk.log", maxBytes=LOG_BYTES, backupCount=LOG_FILES
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for chatty in ("alembic", "mail.log"):
        logging.getLogger(chatty).setLevel(logging.ERROR)
