"""`agentdesk check`: tries everything that the desk needs, all at once, and says what to do."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import typer

from agentdesk import locations
from agentdesk.commands import centre_checks, mail_checks, model_checks, probing
from agentdesk.domain.clock import Clock, SystemClock
from agentdesk.domain.errors import DeskError
from agentdesk.settings import Finding, Level, Settings, SettingsError, load, warnings
from agentdesk.settings import environment as variables
from agentdesk.signin.threads import in_thread

WORKS, FAILS = 0, 1
StorageCheck = Callable[[Settings], list[Finding]]


def run_check(path: Path, *, as_json: bool) -> int:
    """Print what was found; 0 if nothing failed, 1 otherwise."""
    findings = find(path, SystemClock())
    typer.echo(_as_json(findings) if as_json else "\n".join(_lines(findings)))
    return FAILS if any(f.level is Level.FAIL for f in findings) else WORKS


def find(path: Path, clock: Clock, patience: float = probing.PATIENCE) -> list[Finding]:
    """Everything about the settings in *path*; servers and database have *patience* seconds each."""
    try:
        settings = load(path)
    except SettingsError as error:
        return _refused(error)
    return [
        *_settings(path, settings),
        *_screen(settings),
        *asyncio.run(_probes(settings, path, clock, patience)),
    ]


def _refused(error: SettingsError) -> list[Finding]:
    *others, last = [Finding(Level.FAIL, "settings", str(p)) for p in error.problems]
    advice = f"Correct {error.path}; docs/settings.md describes every key."
    return [*others, replace(last, advice=advice)]


def _settings(path: Path, s: Settings) -> Iterator[Finding]:
    counts = ", ".join(
        f"{len(items)} {what if len(items) == 1 else what + 's'}"
        for what, items in (
            ("mail account", s.mail_accounts),
            ("agent", s.agents),
            ("queue", s.queues),
        )
    )
    yield Finding(Level.OK, "settings", f"{path} is valid: {counts}.")
    for trouble in warnings(s):
        yield Finding(Level.WARN, "settings", f"{trouble.name} {trouble.words}.")
    for problem in variables.unknown(Settings):
        yield Finding(Level.WARN, "settings", str(problem), "Correct or unset it.")


def _screen(s: Settings) -> Iterator[Finding]:
    """Names that only the screen knows: actions and themes."""
    from agentdesk.tui import theming
    from agentdesk.tui.actions import check_keymap

    for sentence in check_keymap(s.desk.keymap)[1]:
        yield Finding(Level.WARN, "keymap", sentence, "Press ? on the desk to see the actions.")
    themes = theming.load([theming.bundled_folder(), locations.themes_dir()])
    names = [theme.name for theme in themes.themes]
    if s.desk.theme not in names:
        sentence = f"There is no theme {s.desk.theme}."
        yield Finding(Level.WARN, "theme", sentence, f"There are {', '.join(sorted(names))}.")
    for error in themes.errors:
        yield Finding(Level.WARN, "theme", error)


async def _probes(s: Settings, path: Path, clock: Clock, patience: float) -> list[Finding]:
    probes: list[Awaitable[list[Finding]]] = []
    for account in s.mail_accounts:
        probes.append(mail_checks.account(account, clock, patience))
    probes += [model_checks.model(s, patience), model_checks.matcher(s)]
    probes.append(centre_checks.centres(s, patience))
    probes.append(_storage(s, path, patience))
    return [finding for findings in await asyncio.gather(*probes) for finding in findings]


async def _storage(s: Settings, path: Path, patience: float) -> list[Finding]:
    """The database and the engines that work on it."""

    def check() -> list[Finding]:
        from agentdesk import bootstrap

        return bootstrap.check_storage(s, path)

    try:
        return await in_thread(check, patience)
    except TimeoutError:
        sentence = f"The database does not answer within {patience:g} seconds."
        advice = "See whether its server runs and can be reached, or whether the disk hangs."
        return [Finding(Level.FAIL, "database", sentence, advice)]
    except DeskError as error:
        return [Finding(Level.FAIL, "database", str(error))]


def _as_json(findings: list[Finding]) -> str:
    works = all(f.level is not Level.FAIL for f in findings)
    data = {"works": works, "findings": [f.as_dict() for f in findings]}
    return json.dumps(data, indent=2, ensure_ascii=False)


def _lines(findings: list[Finding]) -> Iterator[str]:
    for finding in findings:
        yield f"{finding.level.value:<4}  {finding.subject}: {finding.sentence}"
        if finding.advice:
            yield f"      → {finding.advice}"
    yield ""
    yield _verdict(findings)


def _verdict(findings: list[Finding]) -> str:
    fails = sum(f.level is Level.FAIL for f in findings)
    warns = sum(f.level is Level.WARN for f in findings)
    if not fails and not warns:
        return "Everything works."
    parts = []
    if fails:
        parts.append(f"{fails} {'thing does' if fails == 1 else 'things do'} not work")
    if warns:
        parts.append(f"{warns} {'thing' if warns == 1 else 'things'} should be looked at")
    return f"{', '.join(parts)}."
