"""Gives what Genesys refuses the meaning that it has at one command."""

from collections.abc import Iterator
from contextlib import contextmanager

from agentdesk.domain.ccaas.errors import (
    CentreProblem,
    CodeNotAllowed,
    Forbidden,
    StaleSegment,
    TargetNotAuthorised,
    TargetUnavailable,
    Transient,
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
        raise StaleSegment(f"{centre} does not have this conversation here any more.") from error


@contextmanager
def of_an_end(centre: str) -> Iterator[None]:
    """Raises `WrapUpRequired` where the centre waits for a code first."""
    try:
        with of_a_segment(centre):
            yield
    except Transient:
        raise
    except CentreProblem as error:
        if "wrap" in str(error).lower():
            raise WrapUpRequired(
                f"{centre} wants a wrap-up code before this conversation can end."
            ) from error
        raise


@contextmanager
def of_a_code(centre: str, code: str) -> Iterator[None]:
    """A code that the queue does not have."""
    try:
        yield
    except (Transient, Forbidden, StaleSegment):
        raise
    except CentreProblem as error:
        raise CodeNotAllowed(
            f"{centre} does not take the wrap-up code {code} here: map another one. It says: {error}"
        ) from error


@contextmanager
def of_a_transfer(centre: str, target: CentreTarget) -> Iterator[None]:
    """Whether it is the right, the target or the conversation that is missing."""
    try:
        yield
    except (Transient, StaleSegment):
        raise
    except Forbidden as error:
        raise TargetNotAuthorised(
            f"{centre} does not let you transfer to {target.name}: choose another target, "
            "or ask its administrator for the right."
        ) from error
    except UnknownThere as error:
        if target.external_id in str(error):
            raise TargetUnavailable(
                f"{target.name} is not there any more: choose another target."
            ) from error
        raise StaleSegment(f"{centre} does not have this conversation here any more.") from error
    except CentreProblem as error:
        raise TargetUnavailable(
            f"{centre} does not transfer to {target.name}: choose another target. It says: {error}"
        ) from error
