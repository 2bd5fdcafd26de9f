"""`agentdesk eval link` answers tasks from a file or a pipe, and says how well it did."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from agentdesk.commands.evaluation import Wanted, run_link
from agentdesk.domain.errors import BadInput

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
