"""Asking a person at a terminal. Tests answer from a script."""

import getpass
import warnings
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

import typer

from agentdesk.domain.errors import BadInput, DeskError

BACK = "<"
S = TypeVar("S", bound=str)


class GoneBack(Exception):
    """The person wants the question before, or the question *to*."""

    def __init__(self, to: Callable[..., None] | None = None) -> None:
        super().__init__()
        self.to = to


class InputEnded(DeskError):
    """There is nobody who answers."""


class Dialogue(Protocol):
    """Speaks with a person, one line at a time."""

    def say(self, text: str) -> None:
        """Show a line."""

    def read(self, prompt: str, *, hidden: bool = False) -> str:
        """A line from the person; raises `InputEnded` when there is none."""


class Terminal:
    """The dialogue with whoever sits at this terminal."""

    def say(self, text: str) -> None:
        """Show a line."""
        typer.echo(text)

    def read(self, prompt: str, *, hidden: bool = False) -> str:
        """A line from the person; hidden ones are not echoed where the terminal allows it."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", getpass.GetPassWarning)
                return getpass.getpass(prompt) if hidden else input(prompt)
        except EOFError:
            raise InputEnded("Nothing was saved: the input ended.") from None


def ask(
    talk: Dialogue,
    question: str,
    default: str = "",
    check: Callable[[str], str] = str.strip,
) -> str:
    """An answer that *check* accepts; Enter takes *default*, `<` raises `GoneBack`.

    *check* returns what to keep, or raises `BadInput` with a sentence that is shown.
    """
    prompt = f"{question} [{default}]: " if default else f"{question}: "
    while True:
        answer = talk.read(prompt).strip()
        if answer == BACK:
            raise GoneBack
        try:
            return check(answer or default)
        except BadInput as error:
            talk.say(f"  {error}")


def ask_hidden(talk: Dialogue, question: str) -> str:
    """A password, exactly as typed and not echoed; `<` raises `GoneBack`."""
    while True:
        answer = talk.read(f"{question} (hidden): ", hidden=True)
        if answer == BACK:
            raise GoneBack
        if answer:
            return answer
        talk.say(f"  Type the password, or {BACK} to go back.")


def choose(talk: Dialogue, question: str, choices: Sequence[S], default: S) -> S:
    """One of *choices*, or its beginning where that is clear."""

    def check(answer: str) -> str:
        if not _chosen(answer, choices):
            raise BadInput(f"Answer with one of {', '.join(choices)}.")
        return answer

    answer = ask(talk, f"{question} ({'/'.join(choices)})", default, check)
    return _chosen(answer, choices)[0]


def _chosen(answer: str, choices: Sequence[S]) -> list[S]:
    """The only choice that *answer* can mean, or nothing."""
    exact = [choice for choice in choices if choice == answer.lower()]
    begun = [choice for choice in choices if choice.startswith(answer.lower())]
    return exact or (begun if len(begun) == 1 else [])
