"""`agentdesk eval …`: its commands and options. The work is in `commands.evaluation`."""

from pathlib import Path
from typing import Annotated

import typer

from agentdesk.commands.frame import SettingsFile, finish, group
from agentdesk.commands.help_page import Command

app = group(
    """
Examples:
  agentdesk eval link tasks.jsonl                     how well the matcher links
  agentdesk eval link tasks.jsonl --adapter all       all of them beside each other
  agentdesk eval link tasks.jsonl --out answers.jsonl
  agentdesk eval link - --json < tasks.jsonl | jq .why
"""
)


@app.callback()
def evaluate() -> None:
    """How well agentdesk decides, measured on files of your own. Needs no database, and settings only
    for a model.
    """


@app.command(
    cls=Command,
    short_help="Which conversation each mail of a file belongs to, and why.",
    epilog="""
Examples:
  agentdesk eval link tasks.jsonl
  agentdesk eval link tasks.jsonl --threshold 0.9 --out answers.jsonl
  agentdesk eval link tasks.jsonl --adapter keywords,openai
""",
)
def link(
    *,
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE",
            show_default=False,
            help="Tasks, one JSON object a line; - for standard input.",
        ),
    ] = "-",
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", show_default=False, help="Write an answer a line to this file."
        ),
    ] = None,
    as_json: Annotated[
        bool,
        typer.Option(
            "--json", help="Print an answer a line; what people read goes to standard error."
        ),
    ] = False,
    threshold: Annotated[
        float,
        typer.Option(
            "--threshold", min=0.0, max=1.0, help="The probability from which a link is claimed."
        ),
    ] = 0.85,
    adapter: Annotated[
        list[str] | None,
        typer.Option(
            "--adapter",
            metavar="NAME",
            show_default="keywords",
            help="keywords, embeddings, openai or all; several with commas. Answers written are the first's.",
        ),
    ] = None,
    settings: SettingsFile,
) -> None:
    """Ask which conversation each mail belongs to; where answers are given, say how well that went.

    A task is {"qid", "message": {subject, from, date, text}, "candidates": [{"id", "messages":
    [...]}]}, perhaps with "answer", the id of a candidate or null. An answer is {"qid", "id",
    "confidence", "why"}; id is null where none fits.
    """

    def work() -> int:
        from agentdesk.commands.evaluation import Wanted, run_link

        return run_link(Wanted(file, out, as_json, threshold, tuple(adapter or ()), settings))

    finish(work)
