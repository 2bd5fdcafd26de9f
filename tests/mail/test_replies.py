"""The latest message is found in the answers of many programs and languages, and prose is kept."""

import pytest

from agentdesk.domain.text import safe
from agentdesk.mail.html import html_to_text
from agentdesk.mail.quoting import latest_spans
from tests.mail.replies import HTML_MAILS, NEW, OLD_TEXTS, PROSE, SIGNED_OFF


def latest_of(text: str) -> str:
    shown = safe(text)
    return "\n".join(shown[span.start : span.end] for span in latest_spans(shown))


@pytest.mark.parametrize("program", OLD_TEXTS)
def test_old_text_below_an_answer_is_left_out(program: str) -> None:
    assert latest_of(f"{NEW}\n\n{OLD_TEXTS[program]}") == NEW
    assert latest_of(f"{NEW}\n{OLD_TEXTS[program]}\n") == NEW


@pytest.mark.parametrize("line", SIGNED_OFF)
@pytest.mark.parametrize("below", ["", "\n\n> old", "\n\n-----Original Message-----\nFrom: Ana"])
def test_lines_that_programs_add_are_left_out(line: str, below: str) -> None:
    assert latest_of(f"{NEW}\n\n{line}{below}") == NEW


@pytest.mark.parametrize("program", HTML_MAILS)
def test_old_text_and_signatures_in_html_are_left_out(program: str) -> None:
    html = html_to_text(HTML_MAILS[program])
    spans = latest_spans(html.text, html.quoted)
    assert "\n".join(html.text[span.start : span.end] for span in spans) == NEW


@pytest.mark.parametrize("prose", PROSE)
def test_prose_is_kept(prose: str) -> None:
    assert latest_of(prose) == prose


def test_answers_between_the_questions_are_kept() -> None:
    text = "Hi Ana,\n\nAna Ruiz wrote:\n> Which size?\n\nLarge.\n\n> Which colour?\n> Tell us.\nBlue.\n\n-- \nMara"
    assert latest_of(text) == "Hi Ana,\nLarge.\nBlue."


@pytest.mark.parametrize("name", ["-Mara", "-- Mara Olsen", "— Mara"])
def test_a_name_after_a_dash_is_a_signature(name: str) -> None:
    assert latest_of(f"{NEW}\n\n{name}") == NEW


@pytest.mark.parametrize("fullwidth", ["发件人：Ana\n发送时间：2026\n收件人：Mara\n主题：订单"])
def test_fields_with_wide_colons_are_known(fullwidth: str) -> None:
    assert latest_of(f"{NEW}\n\n{fullwidth}\n\n你好") == NEW
