"""Gives what Genesys refuses the meaning that it has at one command."""

from collections.abc import Iterator
from contextlib import contextmanager

from agentdesk.ccaas.answers import Declined
from agentdesk.domain.ccaas.errors import (
    CodeNotAllowed,
    Forbidden,
    StaleSegment,
    TargetNotAuthorised,
    TargetUnavailable,
    UnknownThere,
    WrapUpRequired,
)
from agentdesk.domain.ccaas.values import CentreTarget


@contextmanager
def of_a_segment(centre: str) -> Iterator[None]:
    """A part of a conversation that is not there any more is stale, too."""
    try:
        yield
    except UnknownThere as error:
        raise _gone(centre) from error


def _gone(centre: str) -> StaleSegment:
    return StaleSegment(
        f"{centre} does not have this conversation here any more: it is read again."
    )


@contextmanager
def of_an_end(centre: str) -> Iterator[None]:
    """Raises `WrapUpRequired` where the centre waits for a code first."""
    try:
        with of_a_segment(centre):
            yield
    except (Declined, StaleSegment) as error:
        if "wrap" in str(error).lower():
            raise WrapUpRequired(f"{centre} wants a wrap-up code first: choose one.") from error
        raise


@contextmanager
def of_a_code(centre: str, code: str) -> Iterator[None]:
    """Whether it is the code or the conversation that does not fit."""
    try:
        yield
    except (Declined, UnknownThere) as error:
        if isinstance(error, UnknownThere) and code not in str(error):
            raise _gone(centre) from error
        raise CodeNotAllowed(
            f"{centre} does not take this wrap-up code here: map another one. It says: {error}"
        ) from error


@contextmanager
def of_a_transfer(centre: str, target: CentreTarget) -> Iterator[None]:
    """Whether it is the right, the target or the conversation that is missing."""
    try:
        yield
    except Forbidden as error:
        raise TargetNotAuthorised(
            f"{centre} does not let you transfer to {target.name}: choose another target, "
            "or ask its administrator for the right."
        ) from error
    except (Declined, UnknownThere) as error:
        if isinstance(error, UnknownThere) and target.external_id not in str(error):
            raise _gone(centre) from error
        raise TargetUnavailable(
            f"{centre} does not transfer to {target.name} now: choose another target. It says: {error}"
        ) from error
