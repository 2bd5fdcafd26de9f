"""The body of our own mails: long paragraphs, Markdown, and what of the original is quoted."""

import email
import re
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.message import Address, Span
from agentdesk.domain.text import safe
from agentdesk.mail.compose import Outgoing, attribution, build, quote_original
from agentdesk.mail.flowed import LINE_CHARS, flow, unflow
from agentdesk.mail.html import html_to_text
from agentdesk.mail.markdown import to_html
from agentdesk.mail.mime import understand
from agentdesk.mail.quoted import CUT, MOST_LINES, quotable
from agentdesk.mail.quoting import latest_spans

SUPPORT = Address("support@acme.example", "Acme Support")
MARA = Address("mara@example.com", "Mara Olsen")
DATE = datetime(2026, 3, 2, 9, 41, tzinfo=UTC)
LONG = (
    "I am sorry to hear that your parcel arrived broken, and we will of course send you another one "
    "today, at no cost; please keep the broken one until our carrier has looked at it."
)
LINES = st.one_of(
    st.text(alphabet=" >-Fromabc\tä", max_size=200),
    st.sampled_from(["-- ", "From here", "> quoted", ">> twice", "", " stuffed", ">", "> -- "]),
    st.lists(st.sampled_from(["word", "--", ">", "From", "-- x", "ä" * 90]), max_size=40).map(
        " ".join
    ),
)
TEXTS = st.lists(LINES, max_size=12).map("\n".join)


def written(text: str, html: str = "") -> bytes:
    letter = Outgoing(SUPPORT, (MARA,), "Re: Order 5512", text, "1@acme.example", DATE, html=html)
    return build(letter)


def as_received(text: str) -> str:
    """What of a text no mail program keeps does not count: spaces at the ends of lines."""
    lines = (x if x == "-- " else x.rstrip() for x in safe(text).split("\n"))
    return "\n".join(lines).rstrip()


def part_of(raw: bytes, kind: str) -> EmailMessage:
    found = email.message_from_bytes(raw, policy=policy.default).get_body((kind,))
    assert isinstance(found, EmailMessage)
    return found


# format=flowed


@given(TEXTS)
def test_flowed_text_comes_back_as_it_was(text: str) -> None:
    expected = [x if x == "-- " else x.rstrip(" ") for x in text.split("\n")]
    assert unflow(flow(text)).split("\n") == expected


@given(TEXTS)
def test_flowed_lines_are_short_wherever_words_are(text: str) -> None:
    for line in flow(text).split("\n"):
        words = line.lstrip("> ")
        assert len(line) <= LINE_CHARS or " " not in words.strip() or words.startswith("-- ")


@given(TEXTS)
def test_our_reader_reads_our_mail_as_it_was_written(text: str) -> None:
    raw = written(f"Hello,\n{text}\n.")
    assert as_received(understand(raw).text) == as_received(f"Hello,\n{text}\n.")


@given(TEXTS)
def test_another_reader_unwraps_it_to_the_same(text: str) -> None:
    raw = written(f"Hello,\n{text}\n.")
    part = email.message_from_bytes(raw, policy=policy.default)
    content = part.get_content()
    plain = unflow(content) if part.get_param("format") == "flowed" else content
    assert as_received(plain) == as_received(f"Hello,\n{text}\n.")


def test_long_paragraphs_and_quotes_go_out_flowed_and_signatures_stay() -> None:
    text = f"Hello Mara,\n\n{LONG}\n\n-- \nAna\n\nOn Monday, Mara wrote:\n> {LONG}\n>> {LONG}"
    raw = written(text)
    part = part_of(raw, "plain")
    assert part.get_param("format") == "flowed"
    assert part.get_content_charset() == "us-ascii"
    assert max(map(len, raw.split(b"\r\n"))) <= LINE_CHARS
    assert b"\r\n-- \r\nAna" in raw
    assert understand(raw).text == text
    assert understand(raw).latest_text == f"Hello Mara,\n\n{LONG}"


def test_short_lines_are_not_marked_as_flowed() -> None:
    raw = written("Hello Mara,\n\nsorry.\n")
    assert b"flowed" not in raw


def test_an_address_that_is_longer_than_a_line_stays_whole() -> None:
    link = f"https://shop.example/{'a' * 300}"
    raw = written(f"{LONG} {link}")
    assert link.encode() in raw
    assert link in understand(raw).text


def test_umlauts_are_flowed_too() -> None:
    text = "Größere Mengen " * 20
    raw = written(text)
    assert part_of(raw, "plain").get_param("format") == "flowed"
    assert raw.isascii()
    assert understand(raw).text == text.rstrip()


# Markdown

OLD = "On 2026-03-02 at 08:12 UTC, Mara Olsen <mara@example.com> wrote:"
RICH = f"""Hello **Mara**,

two things:

- your [label](https://example.com/label)
- `5512`

-- 
Ana Ruiz

{OLD}
> My parcel arrived *broken*.
>> Sent on <b>Friday</b>
"""


def test_markdown_goes_out_beside_the_text_that_was_written() -> None:
    raw = written(RICH, to_html(RICH))
    mail = email.message_from_bytes(raw, policy=policy.default)
    assert mail.get_content_type() == "multipart/alternative"
    assert [p.get_content_type() for p in mail.iter_parts()] == ["text/plain", "text/html"]
    assert part_of(raw, "plain").get_content().replace("\r\n", "\n").rstrip() == RICH.rstrip()
    html = part_of(raw, "html").get_content()
    assert "<strong>Mara</strong>" in html
    assert '<a href="https://example.com/label">label</a>' in html
    assert "arrived *broken*" in html
    assert "&lt;b&gt;Friday&lt;/b&gt;" in html


def test_our_reader_finds_the_same_in_both_alternatives() -> None:
    read = understand(written(RICH, to_html(RICH)))
    assert read.text == RICH.rstrip()
    assert read.attachments == ()
    html = html_to_text(to_html(RICH))
    new = latest_spans(html.text, html.quoted)
    latest = "\n".join(html.text[s.start : s.end] for s in new)
    for words in ("Hello Mara,", "two things:", "your label", "5512"):
        assert words in latest
    for words in ("Ana Ruiz", "wrote:", "broken", "Friday"):
        assert words not in latest
        assert words in html.text


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>", "[x](javascript:alert(1))", "[x](data:text/html,hi)",
        "<javascript:alert(1)>", "![x](https://evil.example/pixel.gif)", '<img src="https://e.example">',
        "[x](file:///etc/passwd)", "[x](//evil.example)", '[x](https://a.example "\\"><script>")',
        "&lt;script&gt;", "[x]( java\tscript:alert(1))", "> <script>alert(1)</script>",
        "-- \n<script>alert(1)</script>", "---------- Forwarded message ---------\n<script>x</script>",
    ],
)  # fmt: skip
def test_nothing_but_links_to_the_web_gets_into_the_html(evil: str) -> None:
    html = to_html(f"Hello\n\n{evil}\n\nBye")
    assert not re.search(r"<(script|img|iframe|style|svg)", html, re.IGNORECASE)
    links = re.findall(r'href="([^"]*)"', html)
    assert all(link.startswith(("http://", "https://", "mailto:")) for link in links)


@given(st.text(max_size=300), st.sampled_from(["", "> ", "-- \n", "```\n", "On x wrote:\n> "]))
def test_any_text_becomes_closed_html_without_foreign_elements(text: str, before: str) -> None:
    html = to_html(before + text)
    inside = html.partition("<body")[2]
    assert html.count("<blockquote") == html.count("</blockquote>")
    assert set(re.findall(r"<(\w+)", inside)) <= {
        "p", "br", "blockquote", "div", "strong", "em", "code", "pre", "ul", "ol", "li", "a", "hr",
        "h1", "h2", "h3", "h4", "h5", "h6", "s", "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip


def test_plain_habits_do_not_become_markup() -> None:
    html = to_html("See below\n---\n    four spaces\n[1]: https://example.com/note")
    assert "<h2>" not in html
    assert "<pre>" not in html
    assert "https://example.com/note" in html


def test_marks_inside_code_are_code() -> None:
    html = to_html("```\n> not a quote\n-- \n```\nafter")
    assert "blockquote" not in html
    assert "moz-signature" not in html
    assert "&gt; not a quote" in html


# The quoted original

FIRST = "My parcel arrived broken."
ANSWER = quote_original(FIRST, attribution(MARA, DATE))


def quoted(text: str) -> str:
    return quotable(text, latest_spans(text))


def test_the_mail_and_what_it_answers_are_quoted() -> None:
    text = f"Thank you.\n\n{ANSWER}"
    assert quoted(text) == text


def test_what_is_older_is_cut() -> None:
    second = quote_original(f"We send a new one.\n\n{ANSWER}", attribution(SUPPORT, DATE))
    found = quoted(f"When?\n\n{second}")
    assert FIRST not in found
    assert found.startswith(f"When?\n\n{attribution(SUPPORT, DATE)}\n> We send a new one.")
    assert found.endswith(CUT)
    assert found.count(CUT) == 1


def test_signatures_are_not_quoted() -> None:
    ours = quote_original("We send one.\n\n-- \nAna Ruiz\nNorthwind", attribution(SUPPORT, DATE))
    found = quoted(f"Thanks.\n\n-- \nMara Olsen\nFjord\n\n{ours}")
    assert found == f"Thanks.\n\n{attribution(SUPPORT, DATE)}\n> We send one."


def test_an_older_mail_without_marks_is_cut() -> None:
    old = "From: Support <s@x.example>\nSent: Monday\nTo: Mara\nSubject: Re: Order\n\nOld.\nOlder."
    found = quoted(f"Thanks.\n\n{old}")
    assert found == f"Thanks.\n\n{CUT}"


def test_answers_between_quotes_keep_their_order() -> None:
    text = "> When?\nOn Monday.\n\n> And the cost?\nNone."
    assert quoted(text) == text


def test_a_long_mail_is_quoted_as_far_as_anybody_reads() -> None:
    found = quoted("\n".join(f"Line {n}" for n in range(1_000)))
    assert len(found.split("\n")) == MOST_LINES + 1
    assert found.endswith(CUT)


def test_what_is_nothing_but_a_quote_is_quoted_whole() -> None:
    assert quotable("> Yes.", ()) == "> Yes."


@given(TEXTS)
def test_what_is_quoted_are_lines_of_the_mail_and_cuts(text: str) -> None:
    found = quotable(text, latest_spans(text)).split("\n")
    lines = iter(text.rstrip().split("\n"))
    kept = [x for x in found if x.strip() and x != CUT]
    assert all(any(line == x for line in lines) for x in kept)


@given(st.text(alphabet="ab> \n-:", max_size=300), st.lists(st.integers(0, 300), max_size=6))
def test_any_spans_give_a_quote(text: str, at: list[int]) -> None:
    ends = sorted(at)
    spans = [Span(a, b) for a, b in zip(ends[::2], ends[1::2], strict=False)]
    assert len(quotable(text, spans)) <= len(text) + len(CUT) * 100
