"""The README's picture: drives the running demo by keys and draws its screen as an SVG.

`python scripts/picture.py docs/desk.svg [--size 140x40] [--theme slate]`
"""

import argparse
import asyncio
import io
import re
import sys
import tempfile
from itertools import groupby
from pathlib import Path

from pyte.screens import Char
from rich.console import Console
from rich.style import Style
from rich.text import Text

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.terminal.terminal import DESK, Size, Terminal, opened  # noqa: E402

ANSWER = "Dear Mara,\r\rno need to print anything: the driver brings the label."
REMOTE_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


async def photograph(size: Size, theme: str) -> Terminal:
    """The demo with an offer, an open conversation and an answer being written."""
    with tempfile.TemporaryDirectory() as folder:
        command = (*DESK, "demo", "--theme", theme)
        async with opened(command, home=Path(folder), size=size) as terminal:
            await terminal.wait_for("INBOX", "arrived")
            await _open(terminal, "arrived damaged")
            terminal.press("r")
            await terminal.wait_for("Subject")
            terminal.type(ANSWER)
            await terminal.wait_for("saved")
            await asyncio.sleep(9)  # until the toasts of new offers are gone
            return terminal


async def _open(terminal: Terminal, subject: str) -> None:
    """Find it in the list of interactions, and open it."""
    terminal.press("/")
    await terminal.wait_for("a name or a number")
    terminal.type(subject)
    await terminal.wait_gone("Which size")
    for _ in range(4):
        terminal.press("enter")
        await asyncio.sleep(1)
        if "1 All" not in terminal.text:
            return


def _style(cell: Char) -> Style:
    return Style(
        color=_colour(cell.fg),
        bgcolor=_colour(cell.bg),
        bold=cell.bold,
        italic=cell.italics,
        underline=cell.underscore,
        reverse=cell.reverse,
    )


def _colour(name: str) -> str | None:
    if name == "default":
        return None
    return (
        f"#{name}" if re.fullmatch(r"[0-9a-fA-F]{6}", name) else name.replace("bright", "bright_")
    )


def draw(terminal: Terminal, size: Size) -> str:
    """The screen as an SVG that fetches nothing."""
    console = Console(
        width=size.columns,
        record=True,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    for y in range(size.rows):
        row = terminal.screen.buffer[y]
        line = Text(no_wrap=True)
        cells = [row[x] for x in range(size.columns) if row[x].data]
        # blanks apart from words: not every viewer keeps blanks at the beginning of a text
        for (style, _), run in groupby(cells, lambda cell: (_style(cell), cell.data == " ")):
            line.append("".join(cell.data for cell in run), style)
        console.print(line, crop=True, overflow="crop")
    svg = console.export_svg(title="agentdesk demo")
    return REMOTE_FONT.sub("", svg).replace("Fira Code", "DejaVu Sans Mono")


def main() -> None:
    """Write the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path)
    parser.add_argument("--size", default="140x40")
    parser.add_argument("--theme", default="slate")
    asked = parser.parse_args()
    columns, rows = map(int, asked.size.split("x"))
    size = Size(columns, rows)
    terminal = asyncio.run(photograph(size, asked.theme))
    asked.out.write_text(draw(terminal, size), encoding="utf-8")
    print(f"{asked.out}: {columns}x{rows}, {asked.theme}")


main()
