"""Use-cases of work that a contact centre routes. Source: docs/ccaas.md.

Modules load on first use (`services.ccaas.reading.centres(…)`), as those beside this package do.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentdesk.services.ccaas import (
        agents,
        answered,
        asking,
        carrying,
        catalogue,
        claiming,
        listening,
        orders,
        reading,
        sides,
        signing_in,
        standing,
        transferring,
        troubles,
    )

__all__ = [
    "agents",
    "answered",
    "asking",
    "carrying",
    "catalogue",
    "claiming",
    "listening",
    "orders",
    "reading",
    "sides",
    "signing_in",
    "standing",
    "transferring",
    "troubles",
]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return import_module(f"agentdesk.services.ccaas.{name}")
    raise AttributeError(name)
