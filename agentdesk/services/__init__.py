"""Use-cases: each public function is one transaction by one actor.

Modules load on first use (`services.offers.accept(…)`), so that the screen paints before SQLAlchemy
is imported.
"""

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agentdesk.services import (
        board,
        cases,
        ccaas,
        configuration,
        deadlines,
        desk,
        desktop,
        drafts,
        effort,
        erasing,
        explaining,
        forwarding,
        handling,
        identities,
        intake,
        letters,
        links,
        merging,
        moving,
        moving_choices,
        notes,
        offers,
        outbound,
        outgoing,
        people,
        people_files,
        picking,
        presence,
        quarantine,
        recipients,
        routing,
        sending,
        sent_mail,
        set_aside,
        setup,
        snoozing,
        steering,
        suggesting,
        summaries,
        templates,
        transferring,
        views,
        work_list,
        workspace,
        wrap_up_list,
    )

__all__ = [
    "board",
    "cases",
    "ccaas",
    "configuration",
    "deadlines",
    "desk",
    "desktop",
    "drafts",
    "effort",
    "erasing",
    "explaining",
    "forwarding",
    "handling",
    "identities",
    "intake",
    "letters",
    "links",
    "merging",
    "moving",
    "moving_choices",
    "notes",
    "offers",
    "outbound",
    "outgoing",
    "people",
    "people_files",
    "picking",
    "presence",
    "quarantine",
    "recipients",
    "routing",
    "sending",
    "sent_mail",
    "set_aside",
    "setup",
    "snoozing",
    "steering",
    "suggesting",
    "summaries",
    "templates",
    "transferring",
    "views",
    "work_list",
    "workspace",
    "wrap_up_list",
]


def __getattr__(name: str) -> ModuleType:
    if name in __all__:
        return import_module(f"agentdesk.services.{name}")
    raise AttributeError(name)
