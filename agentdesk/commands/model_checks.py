"""What `agentdesk check` finds about the model and the matcher of [ai]."""

import time
from contextlib import aclosing
from dataclasses import replace
from datetime import timedelta
from functools import partial

from agentdesk.ai.embeddings import Embeddings
from agentdesk.ai.model.connection import Meter, Server
from agentdesk.domain.errors import AssistantProblem
from agentdesk.settings import Finding, Level, Settings
from agentdesk.settings.ai import rules_of
from agentdesk.settings.secrets import ai_key
from agentdesk.signin.threads import in_thread

SUBJECT = "ai: model"
GREETING = "Answer with the word yes.", "Are you there?"


async def model(s: Settings, patience: float) -> list[Finding]:
    """Whether it begins to answer within *patience* seconds; nothing where none is asked."""
    if not s.ai.asks_model:
        return []
    began = time.monotonic()
    try:
        await _greet(s, patience)
    except AssistantProblem as error:
        return [Finding(Level.FAIL, SUBJECT, str(error))]
    seconds = time.monotonic() - began
    sentence = f"{s.ai.model} on {s.ai.host} answers after {seconds:.1f} seconds."
    return [Finding(Level.OK, SUBJECT, sentence)]


async def matcher(s: Settings) -> list[Finding]:
    """Whether what embeddings need is installed; nothing for other matchers."""
    if s.ai.matcher != Embeddings.name:
        return []
    if missing := Embeddings().available():
        return [Finding(Level.FAIL, "ai: matcher", missing)]
    return [Finding(Level.OK, "ai: matcher", "What embeddings need is installed.")]


async def _greet(s: Settings, patience: float) -> None:
    rules = replace(rules_of(s.ai), timeout=timedelta(seconds=patience), retries=0)
    server = Server(rules, partial(in_thread, partial(ai_key, s.ai), patience))
    async with aclosing(server.answer(*GREETING, Meter(rules))) as answer:
        await anext(answer, "")
