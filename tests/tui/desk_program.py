"""A whole program over a fake desk, for tests on a real terminal: `desk_program.py DIARY`.

It writes into the diary what happens to the desk.
"""

import sys
from pathlib import Path
from typing import Any

from agentdesk.tui.app import DeskApp
from agentdesk.tui.options import DeskOptions

DIARY = Path(sys.argv[1])
TEMPER = sys.argv[2] if len(sys.argv) > 2 else "calm"


def note(words: str) -> None:
    """One line in the diary."""
    with DIARY.open("a", encoding="utf-8") as diary:
        diary.write(words + "\n")


def main() -> None:
    """Run until told to leave."""
    from unittest.mock import patch

    from tests.tui.fake_desk import FakeDesk, patches

    class Diarist(FakeDesk):
        async def close(self, *, deliberate: bool = False) -> None:
            import asyncio

            note("resigning" if deliberate else "closing")
            if TEMPER == "stubborn":
                await asyncio.Event().wait()
            note("closed")

    desk = Diarist()

    async def open_desk() -> Any:
        note("opened")
        return desk

    for target, name, value in patches(desk):
        patch.object(target, name, value, create=True).start()
    DeskApp(open_desk, DeskOptions(bell=False)).run()
    note("left")


if __name__ == "__main__":
    main()
