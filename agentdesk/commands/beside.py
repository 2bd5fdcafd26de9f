"""A desk opened beside whoever works on it, for commands that look after one part of it."""

import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agentdesk.commands.signing_in import user_name
from agentdesk.domain.actor import Actor
from agentdesk.domain.errors import BadInput
from agentdesk.settings import Settings, load

if TYPE_CHECKING:
    from agentdesk.services.desk import Desk


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which desk, and whose doing."""

    settings: Path
    login: str = ""


@dataclass(frozen=True, slots=True)
class At:
    """The open desk, who acts, and its settings."""

    desk: "Desk"
    actor: Actor
    settings: Settings


@asynccontextmanager
async def opened(wanted: Wanted) -> AsyncIterator[At]:
    """The desk of these settings, its set-up left as it is. Raises `StorageProblem`, `NotFound`."""
    from agentdesk.bootstrap.existing import acting, existing_desk

    settings = load(wanted.settings)
    async with existing_desk(settings) as desk:
        yield At(desk, await acting(desk, wanted.login, user_name()), settings)


def read_text(file: str) -> str:
    """The text of a file, or of standard input. Raises `BadInput`."""
    try:
        content = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return content.decode("utf-8-sig")
    except OSError as error:
        why = (error.strerror or "refused").lower()
        raise BadInput(f"{file} cannot be read: {why}.") from error
    except UnicodeDecodeError:
        raise BadInput(f"{file} is not UTF-8 text; save it as UTF-8.") from None
