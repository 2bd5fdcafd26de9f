"""What went wrong with a model's server, in one sentence that says what to do."""

import math
from types import ModuleType
from urllib.parse import urlsplit

from agentdesk.domain.assistance import AiRules
from agentdesk.domain.errors import AssistantProblem
from agentdesk.domain.text import safe

LONGEST = 160


def problem(
    error: BaseException, rules: AiRules, openai: ModuleType, *, begun: bool = False
) -> AssistantProblem:
    """The sentence for *error*, from the `openai` package or from reading an answer that has *begun*."""
    host = urlsplit(rules.base_url).hostname or rules.base_url
    if isinstance(error, TimeoutError | openai.APITimeoutError):
        return silent(rules)
    if isinstance(error, openai.APIStatusError):
        return AssistantProblem(_status(error.status_code, error, host, rules.model))
    if isinstance(error, openai.APIConnectionError) and begun:
        return unfinished(rules, None)
    if isinstance(error, openai.APIConnectionError):
        return AssistantProblem(
            f"{host} cannot be reached: check the network, and base_url in [ai] of the settings."
        )
    if isinstance(error, ValueError | RecursionError | openai.APIResponseValidationError):
        return AssistantProblem(
            f"What {host} answers is no chat completion: check base_url in [ai] of the settings."
        )
    said = _words(error)
    return AssistantProblem(f"{host} broke off the answer{said}: try again.")


def silent(rules: AiRules) -> AssistantProblem:
    """Nothing came for too long."""
    host = urlsplit(rules.base_url).hostname or rules.base_url
    return AssistantProblem(
        f"{host} said nothing for {rules.timeout.total_seconds():g} seconds: try again, or raise "
        "timeout_s in [ai] of the settings."
    )


def wrong_form(rules: AiRules) -> AssistantProblem:
    """Asked twice, answered otherwise twice."""
    return AssistantProblem(
        f"The model {rules.model} did not answer in the form that it was asked for: try again, or "
        "choose another model."
    )


def unfinished(rules: AiRules, reason: str | None) -> AssistantProblem:
    """The answer ended before its end. *reason*: the server's `finish_reason`."""
    if reason == "content_filter":
        return AssistantProblem(
            f"The model {rules.model} refuses to speak about this conversation."
        )
    if reason == "length":
        return AssistantProblem(
            f"The model {rules.model} stopped in the middle, because its answer became too long: "
            "try again, or lower most_tokens in [ai] of the settings."
        )
    return AssistantProblem(f"The answer of {rules.model} broke off in the middle: try again.")


def pause_asked_for(error: BaseException) -> float | None:
    """Seconds of `Retry-After`; None where the server says nothing of the kind."""
    headers = getattr(getattr(error, "response", None), "headers", {})
    try:
        seconds = float(headers.get("retry-after", ""))
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0 else None


def _status(code: int, error: BaseException, host: str, model: str) -> str:
    if code in (401, 403):
        return (
            f"{host} refuses the key: run agentdesk model-key to store another one, or set the "
            "environment variable that the settings name."
        )
    if code == 404:
        return f"{host} knows no model {model}, or has another address: check model and base_url in [ai]."
    if code == 402 or getattr(error, "code", None) == "insufficient_quota":
        return f"The account at {host} has no credit left: add some there."
    if code == 429:
        return f"{host} takes no more questions for now: {_again(pause_asked_for(error))}."
    if code >= 500:
        return f"{host} has a problem of its own ({code}): try again later."
    if code == 413 or getattr(error, "code", None) == "context_length_exceeded":
        return (
            f"The conversation is too long for {model}: lower most_tokens in [ai] of the settings."
        )
    said = _words(error)
    return f"{host} refuses the question ({code}){said}: check model and base_url in [ai] of the settings."


def _again(seconds: float | None) -> str:
    if seconds is None:
        return "try again later"
    if seconds < 90:
        return f"try again in {math.ceil(seconds)} seconds"
    return f"try again in {math.ceil(seconds / 60)} minutes"


def _words(error: BaseException) -> str:
    """What the server said, as a part of a sentence; it may be anything."""
    body = getattr(error, "body", None)
    message = body.get("message") if isinstance(body, dict) else None
    text = safe(message, multiline=False).strip(" .") if isinstance(message, str) else ""
    if not text:
        return ""
    return f", saying “{text if len(text) <= LONGEST else text[: LONGEST - 1] + '…'}”"
