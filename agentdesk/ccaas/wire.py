"""Reads JSON that somebody else wrote: what is missing is taken as absent, what is nonsense is an error."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from agentdesk.domain.ccaas.errors import ContractViolation


class Wire:
    """One object of an answer. *where* says in an error which it was."""

    def __init__(self, centre: str, where: str, value: object) -> None:
        self.centre, self.where = centre, where
        if not isinstance(value, dict):
            raise self.wrong("is no object")
        self._value: dict[str, Any] = value

    def wrong(self, how: str) -> ContractViolation:
        """The error for what cannot be."""
        return ContractViolation(
            f"{self.centre} answers what its interface does not promise: {self.where} {how}."
        )

    def text(self, name: str) -> str:
        """A text, empty where it is missing. Raises `ContractViolation`."""
        value = self._value.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.wrong(f"has a {name} that is no text")
        return value

    def named(self, name: str) -> str:
        """A text that must be there. Raises `ContractViolation`."""
        value = self.text(name)
        if not value:
            raise self.wrong(f"has no {name}")
        return value

    def number(self, name: str) -> int:
        """A whole number from 0, 0 where it is missing. Raises `ContractViolation`."""
        value = self._value.get(name)
        if value is None:
            return 0
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e15:
            raise self.wrong(f"has a {name} that is no number")
        return int(value)

    def flag(self, name: str) -> bool:
        """Yes or no; no where it is missing."""
        return self._value.get(name) is True

    def moment(self, name: str) -> datetime | None:
        """A time, UTC, also where its zone is not told. Raises `ContractViolation`."""
        value = self.text(name)
        if not value:
            return None
        try:
            read = datetime.fromisoformat(value)
            return read.astimezone(UTC) if read.tzinfo else read.replace(tzinfo=UTC)
        except (ValueError, OverflowError):
            raise self.wrong(f"has a {name} that is no time") from None

    def part(self, name: str) -> "Wire":
        """An object inside, an empty one where it is missing. Raises `ContractViolation`."""
        value = self._value.get(name)
        return Wire(self.centre, f"{self.where}.{name}", {} if value is None else value)

    def parts(self, name: str) -> "list[Wire]":
        """Objects inside. Raises `ContractViolation`."""
        value = self._value.get(name)
        if value is not None and not isinstance(value, list):
            raise self.wrong(f"has {name} that are no list")
        return [Wire(self.centre, f"{self.where}.{name}", one) for one in value or ()]

    def words(self, name: str) -> list[str]:
        """Texts inside. Raises `ContractViolation`."""
        value = self._value.get(name) or []
        if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
            raise self.wrong(f"has {name} that are no texts")
        return list(value)

    def texts(self, name: str) -> Mapping[str, str]:
        """A map of texts; other values in it are passed over. Raises `ContractViolation`."""
        value = self._value.get(name) or {}
        if not isinstance(value, dict):
            raise self.wrong(f"has {name} that are no map")
        return {key: one for key, one in value.items() if isinstance(one, str)}

    def has(self, name: str) -> bool:
        """Whether it tells this at all."""
        return self._value.get(name) is not None
