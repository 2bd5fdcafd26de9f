"""Who somebody is at a centre."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Identity:
    """An agent of ours at a centre, by its key. `external_id` is empty where nobody said who it is there."""

    centre: str
    login: str
    name: str
    email: str
    external_id: str = ""

    @property
    def person(self) -> str:
        """As people know them."""
        return f"{self.name} ({self.email})" if self.email else self.name
