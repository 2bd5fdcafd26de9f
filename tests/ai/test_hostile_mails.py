"""No instruction inside a mail changes the form of an answer, though the model obeys every one."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentdesk.ai import choosing
from agentdesk.ai.model import forms, plain
from agentdesk.ai.model.fence import Fence
from agentdesk.domain.assistance import CodeOffered
from agentdesk.domain.errors import AssistantProblem
from agentdesk.domain.matching import Match
from agentdesk.domain.text import safe
from tests.ai.hostile import HOSTILE, Hostile
from tests.ai.talks import conversation, hostile, letter
from tests.ai.test_model_assistant import asking, last
from tests.openai_server import Answer, Asked, model_server

CODES = (CodeOffered("resolved", "Issue resolved"), CodeOffered("spam", "Spam"))
REFUSED = "The model test-model did not answer in the form that it was asked for"
every_mail = pytest.mark.parametrize("mail", HOSTILE, ids=[h.name for h in HOSTILE])


def victim(mail: Hostile) -> Any:
    """A model that does what the mail says, whatever it is asked."""

    def obey(asked: Asked) -> Answer:
        return Answer(mail.says, size=500)

    return obey


@contextmanager
def form_or_refusal() -> Iterator[None]:
    """What is inside gets the right form, or the one sentence that refuses another one."""
    try:
        yield
    except AssistantProblem as error:
        if not str(error).startswith(REFUSED):
            raise


def fits_a_terminal(text: str) -> None:
    assert text == safe(text)
    assert not re.search(r"^=[A-Z]+=$", text, re.MULTILINE)
    assert len(text) <= forms.LONGEST


def without_links(text: str) -> None:
    fits_a_terminal(text)
    assert "://" not in text
    assert "javascript:" not in text
    assert "](" not in text


def only_inside_the_fence(asked: Asked, mail: Hostile) -> None:
    """The mail's words stand between the two lines, and nowhere else."""
    mark = re.search(r'the line "BEGIN ([0-9a-f]{16})"', asked.system)
    assert mark
    found = re.fullmatch(rf"BEGIN {mark[1]}\n(.*)\nEND {mark[1]}\n\n(.*)", asked.user, re.DOTALL)
    assert found
    needle = safe(mail.text)[:60].strip()
    assert needle in found[1]
    assert needle not in found[2]
    assert needle not in asked.system
    assert f"BEGIN {mark[1]}" not in found[1]
    assert f"END {mark[1]}" not in found[1]


def test_the_set_is_large_and_varied() -> None:
    assert len(HOSTILE) >= 40
    assert len({h.name for h in HOSTILE}) == len(HOSTILE)


@every_mail
async def test_a_summary_keeps_its_form_or_is_refused(mail: Hostile) -> None:
    async with model_server(victim(mail)) as server:
        assistant = asking(server, mask=False, most_tokens=200_000)
        with form_or_refusal():
            async for grown in assistant.summarise(hostile(mail.text)):
                for text in (grown.issue, grown.done, grown.next_steps, grown.step):
                    without_links(text)
            assert grown.whole
            assert grown.issue
        for asked in server.asked:
            only_inside_the_fence(asked, mail)


@every_mail
async def test_a_reply_keeps_its_form_or_is_refused(mail: Hostile) -> None:
    async with model_server(victim(mail)) as server:
        assistant = asking(server, mask=False, most_tokens=200_000)
        with form_or_refusal():
            async for grown in assistant.suggest_reply(hostile(mail.text)):
                without_links(grown.text)
            assert grown.whole
        for asked in server.asked:
            only_inside_the_fence(asked, mail)


@every_mail
async def test_a_code_is_one_of_ours_or_is_refused(mail: Hostile) -> None:
    async with model_server(victim(mail)) as server:
        assistant = asking(server, mask=False, most_tokens=200_000)
        with form_or_refusal():
            found = await assistant.suggest_code(hostile(mail.text), CODES)
            assert found.key in (None, "resolved", "spam")
            without_links(found.why)
            assert "\n" not in found.why
        for asked in server.asked:
            only_inside_the_fence(asked, mail)


@every_mail
async def test_a_translation_keeps_its_form_or_is_refused(mail: Hostile) -> None:
    async with model_server(victim(mail)) as server:
        assistant = asking(server, mask=False, most_tokens=400_000)
        with form_or_refusal():
            found = await last(assistant.translate(mail.text, "German"))
            fits_a_terminal(found.text)
            assert plain.addresses([found.text]) <= plain.addresses([safe(mail.text)])
        for asked in server.asked:
            only_inside_the_fence(asked, mail)


@every_mail
async def test_a_mail_is_matched_with_what_there_is_or_by_the_keywords(mail: Hostile) -> None:
    there = [conversation("one", "The pole broke."), conversation("two", "A bill.", "Invoice 7")]
    async with model_server(victim(mail)) as server:
        matcher = choosing.matcher(server.rules(mask=False, most_tokens=200_000))
        found = await matcher.match(letter(mail.text), there)
        weighs(found)
        for asked in server.asked:
            only_inside_the_fence(asked, mail)


@every_mail
async def test_an_old_mail_says_nothing_about_a_new_one(mail: Hostile) -> None:
    """The hostile text stands in a conversation that is weighed, also in its subject and name."""
    there = [
        conversation("one", mail.text, mail.text[:200]),
        replace(conversation("two", "A bill."), description=mail.text[:500]),
    ]
    async with model_server(victim(mail)) as server:
        asked_of = letter("Where is my pole?", mail.text[:100], mail.text[:100])
        weighs(await choosing.matcher(server.rules(most_tokens=200_000)).match(asked_of, there))
        for asked in server.asked:
            assert asked.user.startswith("BEGIN ")
            assert safe(mail.text)[:40].strip() not in asked.system


def weighs(found: Match) -> None:
    assert {w.id for w in found.weighed} == {"one", "two"}
    assert sum(w.probability for w in found.weighed) + found.none == pytest.approx(1)
    assert all(0 <= w.probability <= 1 for w in found.weighed)
    assert found.matcher in ("openai", "keywords")
    assert (found.matcher == "keywords") == bool(found.cause)
    for w in found.weighed:
        assert "\n" not in w.why
        if found.matcher == "openai":
            without_links(w.reasons[0] if w.reasons else "")


@every_mail
async def test_who_writes_and_about_what_is_data_too(mail: Hostile) -> None:
    said = replace(
        hostile("Hello."), subject=mail.text[:500], customer=mail.text[:500], description=mail.text
    )
    async with model_server(victim(mail)) as server:
        with_problem = asking(server, mask=False, most_tokens=200_000)
        with form_or_refusal():
            await last(with_problem.summarise(said))
        for asked in server.asked:
            only_inside_the_fence(asked, mail)


def test_some_victims_do_get_through_in_the_right_form() -> None:
    """So that the tests above look at answers, not at refusals alone."""
    assert sum(_is_summary(h.says) for h in HOSTILE) >= 6
    assert sum(h.says.startswith("{") for h in HOSTILE) >= 6


def _is_summary(text: str) -> bool:
    try:
        forms.sections(text, ("ISSUE", "DONE", "NEXT"), whole=True)
    except forms.WrongForm:
        return False
    return True


# Any text


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=60)), min_size=1, max_size=4))
def test_a_fence_holds_whatever_is_inside(entries: list[tuple[str, str]]) -> None:
    entries = [(safe(head, multiline=False), safe(text)) for head, text in entries]
    fence = Fence.around(f"{head}\n{text}" for head, text in entries)
    lines = fence.enclose(entries).split("\n")
    assert (lines[0], lines[-1]) == (f"BEGIN {fence.mark}", f"END {fence.mark}")
    assert sum(fence.mark in line for line in lines) == len(entries) + 2


def test_a_mark_that_occurs_in_a_text_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    marks = iter(["aaaa", "bbbb", "cccc"])
    monkeypatch.setattr("agentdesk.ai.model.fence.secrets.token_hex", lambda n: next(marks))
    assert Fence.around(["END aaaa", "and bbbb"]).mark == "cccc"


ANSWERS = st.lists(
    st.one_of(
        st.sampled_from(
            ["=ISSUE=\n", "=DONE=\n", "=NEXT=\n", "=END=", "\n", "text\n", "= x", "<think>"]
        ),
        st.text(max_size=10),
    ),
    max_size=12,
).map("".join)


@settings(max_examples=500, deadline=None)
@given(ANSWERS)
def test_any_answer_is_read_or_refused_and_an_answer_that_is_read_was_right_all_along(
    answer: str,
) -> None:
    names = ("ISSUE", "DONE", "NEXT")
    try:
        whole = forms.sections(answer, names, whole=True)
    except forms.WrongForm:
        return
    assert len(whole) == 3
    assert all(whole)
    for end in range(len(answer)):
        growing = forms.sections(answer[:end], names, whole=False)
        for part, of in zip(growing, whole, strict=True):
            assert of.startswith(part)


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.text(max_size=60),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=5),
            lambda x: (
                st.lists(x, max_size=3)
                | st.dictionaries(st.sampled_from(["id", "confidence", "why", "x"]), x, max_size=4)
            ),
            max_leaves=6,
        ).map(json.dumps),
    )
)
def test_any_decision_is_read_or_refused(answer: str) -> None:
    try:
        found = forms.decision(answer, ("id", "confidence", "why"))
    except forms.WrongForm:
        return
    assert found.keys() == {"id", "confidence", "why"}


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="ab[]()!*`#-. \n:/htpsw\x1b\u202e", max_size=80))
def test_what_is_made_plain_stays_as_it_is(text: str) -> None:
    once = plain.plain(text)
    fits = plain.plain(once)
    assert "://" not in once
    assert once == safe(once)
    assert "://" not in fits


@pytest.mark.parametrize("text", ["[a](" * 6_000, "![" * 12_000, "http://" * 3_000, "a." * 12_000])
def test_markup_made_to_be_slow_is_not(text: str) -> None:
    started = time.process_time()
    plain.points(text)
    assert time.process_time() - started < 2
