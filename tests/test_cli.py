"""The command line: what it says, where it sends its errors, and how it ends."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pexpect
import pytest
from typer.testing import CliRunner

from agentdesk import __version__, cli
from agentdesk.commands import completion
from agentdesk.domain.errors import DeskError, StorageProblem
from agentdesk.settings.options import DemoOptions

ROOT = Path(__file__).parent.parent
EXAMPLE = ROOT / "settings.toml"
COMMANDS = ["demo", "run", "engine", "init", "check", "quarantine", "ccaas"]


def invoke(*arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr."""
    result = CliRunner().invoke(cli.app, arguments, prog_name="agentdesk")
    return result.exit_code, result.stdout, result.stderr


class FakeBootstrap:
    """Stands where agentdesk.bootstrap is; remembers what it was asked to do."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.outcome: int | BaseException = 0

    def _do(self, *what: object) -> int:
        self.asked.append(what)
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        return self.outcome

    def run_demo(self, options: DemoOptions) -> int:
        return self._do("demo", options)

    def run_desk(self, path: Path, login: str) -> int:
        return self._do("desk", path, login)

    def run_engine(self, path: Path) -> int:
        return self._do("engine", path)


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("AGENTDESK_"):
            monkeypatch.delenv(name)


@pytest.fixture
def bootstrap(monkeypatch: pytest.MonkeyPatch) -> FakeBootstrap:
    import_module("agentdesk.bootstrap.existing")  # what a command asks of it must be there already
    fake = FakeBootstrap()
    monkeypatch.setattr("agentdesk.bootstrap", fake, raising=False)
    monkeypatch.setitem(sys.modules, "agentdesk.bootstrap", fake)  # type: ignore[arg-type]
    return fake


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    there = SimpleNamespace(isatty=lambda: True)
    monkeypatch.setattr(cli, "sys", SimpleNamespace(stdin=there, stdout=there))


def test_help_lists_every_command_below_its_group_and_shows_examples() -> None:
    code, out, _ = invoke("--help")
    assert code == 0
    lines = [line.strip() for line in out.splitlines()]
    order = ["Try:", "Work:", "Set up:", "Options:", "Examples:"]
    assert [line for line in lines if line in order] == order
    for command in COMMANDS:
        assert any(line.startswith(f"{command} ") for line in lines)
        assert f"agentdesk {command}" in out or command == "engine"


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_a_terminal_of_80_columns_and_has_examples(command: str) -> None:
    code, out, _ = invoke(*command.split(), "--help")
    assert code == 0
    assert "\nExample" in out
    options = out.partition("\nExample")[0]
    assert max(len(line) for line in options.splitlines()) <= 80
    assert invoke(*command.split(), "-h")[1] == out


def test_version() -> None:
    assert invoke("--version") == (0, f"agentdesk {__version__}\n", "")


def test_unknown_command_proposes_the_nearest() -> None:
    code, _, err = invoke("chekc")
    assert code == 2
    assert "Did you mean 'check'?" in err


@pytest.mark.parametrize("command", ["demo", "run"])
def test_the_desk_needs_a_terminal_and_says_so(command: str) -> None:
    code, out, err = invoke(command)
    assert (code, out) == (2, "")
    assert err == (
        f"agentdesk {command} needs a terminal: start it in a terminal window, "
        "or over SSH with ssh -t.\n"
    )


@pytest.mark.usefixtures("terminal")
def test_demo_hands_its_options_on(bootstrap: FakeBootstrap, tmp_path: Path) -> None:
    assert invoke("demo")[0] == 0
    arguments = ["--as", "ben", "--supervisor", "--speed", "10", "--theme", "slate", "--seed", "7"]
    assert invoke("demo", *arguments, "--data", str(tmp_path))[0] == 0
    assert bootstrap.asked == [
        ("demo", DemoOptions("ana", False, 1.0, None, "", 1)),
        ("demo", DemoOptions("ben", True, 10.0, tmp_path, "slate", 7)),
    ]


def test_speed_has_limits(bootstrap: FakeBootstrap) -> None:
    code, _, err = invoke("demo", "--speed", "0")
    assert code == 2
    assert "--speed" in err
    assert "0.1" in err
    assert bootstrap.asked == []


@pytest.mark.usefixtures("terminal")
def test_run_signs_in_whom_it_is_told(bootstrap: FakeBootstrap) -> None:
    assert invoke("run", "--as", "ben", "--settings", str(EXAMPLE))[0] == 0
    assert bootstrap.asked == [("desk", EXAMPLE, "ben")]


@pytest.mark.usefixtures("terminal")
def test_run_takes_the_settings_that_the_environment_names(
    bootstrap: FakeBootstrap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTDESK_SETTINGS", str(EXAMPLE))
    assert invoke("run", "--as", "ana")[0] == 0
    assert bootstrap.asked == [("desk", EXAMPLE, "ana")]


def agents(path: Path, *logins: str) -> Path:
    path.write_text(
        "\n".join(
            f'[[agents]]\nlogin = "{x}"\nname = "{x}"\nemail = "{x}@example.com"' for x in logins
        )
    )
    return path


@pytest.mark.usefixtures("terminal")
@pytest.mark.parametrize(
    ("logins", "user", "expected"),
    [(["ana"], "root", "ana"), (["ana", "ben"], "ben", "ben"), (["ana", "ben"], "ana", "ana")],
)
def test_run_without_login_takes_the_only_agent_or_the_user_of_the_machine(
    bootstrap: FakeBootstrap,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    logins: list[str],
    user: str,
    expected: str,
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: user)
    path = agents(tmp_path / "settings.toml", *logins)
    assert invoke("run", "--settings", str(path))[0] == 0
    assert bootstrap.asked == [("desk", path, expected)]


@pytest.mark.usefixtures("terminal", "bootstrap")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "Say who you are with --as LOGIN; there are ana, ben."),
        (["--as", "bem"], "No agent has the login bem. Did you mean ben?"),
        (["--as", "zoe"], "No agent has the login zoe. There are ana, ben."),
    ],
)
def test_run_says_who_may_sign_in(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, arguments: list[str], sentence: str
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "root")
    path = agents(tmp_path / "settings.toml", "ana", "ben")
    assert invoke("run", "--settings", str(path), *arguments) == (2, "", f"{sentence}\n")


@pytest.mark.usefixtures("terminal", "bootstrap")
def test_run_without_settings_names_the_next_step(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    sentence = f"There are no settings at {path} yet: run agentdesk init.\n"
    assert invoke("run", "--settings", str(path)) == (2, "", sentence)


@pytest.mark.usefixtures("terminal", "bootstrap")
def test_a_desk_without_agents_is_a_sentence(tmp_path: Path) -> None:
    path = agents(tmp_path / "settings.toml")
    assert "names no agents" in invoke("run", "--settings", str(path))[2]


def test_engine_needs_no_terminal_and_hands_its_code_on(bootstrap: FakeBootstrap) -> None:
    bootstrap.outcome = 3
    assert invoke("engine", "--settings", str(EXAMPLE)) == (3, "", "")
    assert bootstrap.asked == [("engine", EXAMPLE)]


@pytest.mark.parametrize("error", [DeskError("It is off."), StorageProblem("It is off.")])
def test_expected_errors_are_one_sentence_and_exit_with_2(
    bootstrap: FakeBootstrap, error: DeskError
) -> None:
    bootstrap.outcome = error
    assert invoke("engine", "--settings", str(EXAMPLE)) == (2, "", "It is off.\n")


def test_interrupt_is_quiet_and_exits_with_130(bootstrap: FakeBootstrap) -> None:
    bootstrap.outcome = KeyboardInterrupt()
    assert invoke("engine", "--settings", str(EXAMPLE)) == (130, "", "")


def test_other_errors_are_not_hidden(bootstrap: FakeBootstrap) -> None:
    bootstrap.outcome = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        CliRunner().invoke(cli.app, ["engine"], catch_exceptions=False)


# -- as a program --------------------------------------------------------------------------


def program(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "agentdesk", *arguments],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
        env={**os.environ, **environment},
    )


def test_run_as_a_module_without_a_terminal_ends_with_2_and_no_traceback() -> None:
    done = program("run")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("agentdesk run needs a terminal")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_can_be_shown_for_the_shell(shell: str) -> None:
    done = program("--show-completion", shell, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1")
    assert done.returncode == 0, done.stderr
    assert "_AGENTDESK_COMPLETE" in done.stdout


def completed(words: str, **environment: str) -> list[str]:
    """What bash is offered after *words*."""
    done = program(
        _AGENTDESK_COMPLETE="complete_bash",
        COMP_WORDS=words,
        COMP_CWORD=str(len(words.split(" ")) - 1),
        **environment,
    )
    return done.stdout.split()


def test_the_shell_completes_commands_options_and_logins() -> None:
    assert completed("agentdesk ch") == ["check"]
    assert "--supervisor" in completed("agentdesk demo --su")
    assert completed("agentdesk run --as b", AGENTDESK_SETTINGS=str(EXAMPLE)) == ["ben"]


def test_completion_never_complains(tmp_path: Path) -> None:
    broken = tmp_path / "settings.toml"
    for text in ("[[agents", "agents = 5", "[[agents]]\nname = 1"):
        broken.write_text(text)
        context = SimpleNamespace(params={"settings": broken})
        assert completion.logins(context, "") == []  # type: ignore[arg-type]
    nowhere = SimpleNamespace(params={"settings": tmp_path / "nowhere"})
    assert completion.logins(nowhere, "") == []  # type: ignore[arg-type]


def test_themes_are_completed() -> None:
    names = {path.stem for path in (ROOT / "themes").glob("*.toml")}
    assert set(completion.themes("")) == names
    assert completion.themes("no such theme") == []


def test_ctrl_c_in_the_wizard_leaves_quietly_with_130(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    child = pexpect.spawn(
        sys.executable, ["-m", "agentdesk", "init", "--settings", str(path)], encoding="utf-8"
    )
    child.expect_exact("The address that customers write to: ", timeout=30)
    child.sendintr()
    said = child.read()
    child.close()
    assert "Traceback" not in said
    assert child.exitstatus == 130
    assert not path.exists()


def test_the_wizard_without_input_saves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "settings.toml"
    done = program("init", "--settings", str(path))
    assert done.returncode == 2
    assert done.stderr == "Nothing was saved: the input ended.\n"
    assert not path.exists()
