"""What comes by mail is never opened, run or fetched: no code near it can start anything."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "agentdesk"
NEAR_MAIL = ("domain", "services", "storage", "mail", "tui")
STARTERS = {
    "subprocess",
    "webbrowser",
    "pty",
    "multiprocessing.popen_spawn_posix",
    "urllib.request",
}
CALLS = {"system", "popen", "startfile", "execv", "execve", "execvp", "spawnv", "posix_spawn"}
CALLS |= {"open_url", "create_subprocess_exec", "create_subprocess_shell", "deliver_binary"}
READER = PACKAGE / "mail" / "reading.py"
"""Starts this very Python, to read mail in: the one exception."""

EDITOR = PACKAGE / "tui" / "outside_editor.py"
"""Starts the editor that a person set for themselves, for their own words: the other exception."""

MAY_START = {READER, EDITOR}
FILES = sorted({p for part in NEAR_MAIL for p in (PACKAGE / part).rglob("*.py")} - MAY_START)


def starters(source: str) -> Iterator[str]:
    """Everything in *source* that could start a program or fetch an address."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name in STARTERS)
        elif isinstance(node, ast.ImportFrom) and node.module in STARTERS:
            yield str(node.module)
        elif isinstance(node, ast.Attribute) and node.attr in CALLS:
            yield node.attr


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(PACKAGE)))
def test_no_module_near_mail_can_start_anything(path: Path) -> None:
    assert list(starters(path.read_text(encoding="utf-8"))) == []


def test_the_reader_starts_this_python_and_nothing_else() -> None:
    source = READER.read_text(encoding="utf-8")
    assert set(starters(source)) == {"create_subprocess_exec"}
    assert source.count("create_subprocess_exec(\n                    sys.executable,") == 1


def test_the_editor_is_started_once_and_only_from_the_persons_own_variables() -> None:
    source = EDITOR.read_text(encoding="utf-8")
    assert set(starters(source)) == {"create_subprocess_exec"}
    assert source.count("create_subprocess_exec(*command, str(path))") == 1
    assert source.count("command = editor(environ)") == 1
    imported = {
        name.name if isinstance(node, ast.Import) else str(node.module)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in node.names
    }
    ours = {name for name in imported if name.startswith("agentdesk")}
    assert ours == {"agentdesk.domain.errors", "agentdesk.domain.text"}


def test_only_the_writer_of_a_text_leads_to_the_editor() -> None:
    users = [
        str(path.relative_to(PACKAGE))
        for path in sorted(PACKAGE.rglob("*.py"))
        if "outside_editor" in path.read_text(encoding="utf-8") and path != EDITOR
    ]
    assert users == ["tui/panes/composing.py"]


def test_a_starter_would_be_found() -> None:
    assert list(starters("import webbrowser\nimport os\nos.startfile(x)\n")) == [
        "webbrowser",
        "startfile",
    ]
