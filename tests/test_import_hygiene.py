"""What each part may import, seen in a fresh interpreter's sys.modules."""

import json
import subprocess
import sys

import pytest

COMMANDS = [
    "demo",
    "run",
    "engine",
    "init",
    "check",
    "people",
    "quarantine",
    "routing",
    "inspect",
    "sign-in",
    "sign-out",
    "model-key",
    "ccaas",
    "ccaas sandbox",
    "ccaas sign-in",
]
SIGN_IN = {"msal", "authlib", "requests", "filelock"}
HEAVY = SIGN_IN | {
    "aiohttp",
    "aioimaplib",
    "aiosmtplib",
    "aiosqlite",
    "alembic",
    "asyncio",
    "asyncpg",
    "cryptography",
    "keyring",
    "pydantic",
    "pydantic_settings",
    "rich",
    "sqlalchemy",
    "textual",
}
SCREEN_AND_DATABASE = {"textual", "rich", "sqlalchemy", "aiosqlite", "asyncpg", "alembic"}


def modules_after(code: str) -> set[str]:
    """Packages, and modules of ours, in sys.modules after *code* in a fresh interpreter."""
    script = (
        "import sys, json, io, contextlib\n"
        "with contextlib.redirect_stdout(io.StringIO()):\n"
        f"    {code}\n"
        "print(json.dumps(sorted({n if n[:9] == 'agentdesk' else n.split('.')[0] for n in sys.modules})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(done.stdout))


@pytest.mark.parametrize(
    "code",
    [
        "import agentdesk.cli",
        "from agentdesk.cli import app; app(['--help'], standalone_mode=False)",
    ],
)
def test_the_command_line_and_its_help_import_nothing_heavy(code: str) -> None:
    assert modules_after(code) & HEAVY == set()


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_imports_nothing_heavy_but_what_typer_reads_options_with(
    command: str,
) -> None:
    code = f"from agentdesk.cli import app; app({[*command.split(), '--help']!r}, standalone_mode=False)"
    assert modules_after(code) & HEAVY <= {"pydantic"}
    assert "agentdesk.settings" not in modules_after(code)


@pytest.mark.parametrize(
    "module",
    [
        "agentdesk.locations",
        "agentdesk.settings",
        "agentdesk.settings.secrets",
        "agentdesk.commands.signing_in",
        "agentdesk.commands.check",
        "agentdesk.commands.set_aside",
        "agentdesk.commands.init",
        "agentdesk.commands.inspect",
    ],
)
def test_settings_and_commands_need_neither_screen_nor_database(module: str) -> None:
    assert modules_after(f"import {module}") & SCREEN_AND_DATABASE == set()


def test_inspecting_a_mail_needs_no_settings() -> None:
    code = (
        "from agentdesk.commands import inspect as i, inspected; "
        "i.inspected('/dev/null', inspected.Wanted())"
    )
    loaded = modules_after(code)
    assert loaded & (SCREEN_AND_DATABASE | {"pydantic", "agentdesk.settings"}) == set()
    assert "agentdesk.mail.mime" in loaded


def test_settings_load_keyring_and_environment_only_when_needed() -> None:
    loaded = modules_after("import agentdesk.settings as s; s.Settings()")
    assert loaded & {"keyring", "pydantic_settings"} == set()


@pytest.mark.parametrize(
    "module",
    [
        "agentdesk.bootstrap.plan",
        "agentdesk.bootstrap.opened",
        "agentdesk.commands.check",
        "agentdesk.commands.mail_sign_in",
        "agentdesk.bootstrap.centres",
        "agentdesk.signin.flow",
        "agentdesk.signin.tokens",
    ],
)
def test_oauth_is_loaded_only_to_ask_for_a_token(module: str) -> None:
    assert modules_after(f"import {module}") & SIGN_IN == set()


@pytest.mark.parametrize(
    "module",
    [
        "agentdesk.bootstrap.plan",
        "agentdesk.bootstrap.opened",
        "agentdesk.commands.check",
        "agentdesk.ai.model.assistant",
        "agentdesk.ai.model.matcher",
    ],
)
def test_the_client_of_models_is_loaded_only_to_ask_one(module: str) -> None:
    assert modules_after(f"import {module}") & {"openai", "httpx", "httpx2"} == set()


@pytest.mark.parametrize("module", ["agentdesk.bootstrap.opened", "agentdesk.ccaas.genesys.centre"])
def test_the_client_of_contact_centres_is_loaded_only_to_ask_one(module: str) -> None:
    assert "aiohttp" not in modules_after(f"import {module}")


@pytest.mark.parametrize("module", ["agentdesk.bootstrap.from_settings", "agentdesk.tui.app"])
def test_what_speaks_to_contact_centres_is_loaded_only_where_the_settings_name_one(
    module: str,
) -> None:
    assert "aiohttp" not in modules_after(f"import {module}")


@pytest.mark.parametrize("module", ["agentdesk.domain.rules", "agentdesk.domain.setup"])
def test_the_domain_knows_no_settings(module: str) -> None:
    assert "pydantic" not in modules_after(f"import {module}")
