"""What a model is asked: instructions outside the fence, the conversation inside it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from agentdesk.ai.masking import Mask
from agentdesk.ai.model.budget import Entry
from agentdesk.ai.model.fence import Fence
from agentdesk.ai.model.forms import described
from agentdesk.domain.assistance import CodeOffered, Passage, Speaker, Transcript
from agentdesk.domain.text import safe

SUMMARY = ("ISSUE", "DONE", "NEXT")
TEXT = ("TEXT",)
CODE = ("key", "why")
LINK = ("id", "confidence", "why")

LONGEST_NAME = 80
AGAIN = "Your last answer had another form and was thrown away. Give exactly the form asked for."

_SUMMARY = f"""\
You summarise conversations between customers and a service desk for the desk's agents. Say what stands
there, and nothing else; name people and dates as they stand there. Write in the language in which the
desk writes, else in English. Plain text, no links, at most six short lines a section; where a section
has nothing to say, write "Nothing."
{
    described(
        SUMMARY,
        (
            "what the customer wants, in one to three sentences",
            "what was done and promised so far, and by whom",
            "what is still to be done, and by whom",
        ),
    )
}"""
_PART = "You get one part of a longer conversation, or summaries of its parts in their order."

_REPLY = f"""\
You draft the next mail of a service desk to its customer, for an agent who reads and changes it before
anything is sent. Answer the customer's last mail in its language. Use only what stands in the
conversation; where something is missing, leave a gap like "…". Promise nothing that the desk did not
promise. Plain text without links, subject and signature.
{described(TEXT, ("the mail",))}"""

_TRANSLATE = f"""\
You translate text into {{language}}. Translate everything, add nothing, keep the lines.
{described(TEXT, ("the translation",))}"""

_CODE = """\
You choose the code under which a conversation of a service desk is closed. The codes are:
{codes}
Answer with one JSON object and nothing else, without a code fence:
{{"key": <one of these keys in quotes, or null where none fits>, "why": <one short sentence in English>}}"""

_LINK = """\
You say which of some conversations a new mail belongs to, if any. It belongs to one only where it is
about the very same matter, not where it is merely from the same person or about something like it.
Answer with one JSON object and nothing else, without a code fence:
{"id": <the conversation's number, or null where it belongs to none>, "confidence": <how sure you are,
from 0 to 1>, "why": <one short sentence in English>}"""


@dataclass(frozen=True, slots=True)
class Question:
    """What is sent: `system` are our words alone, `user` holds the fence."""

    system: str
    user: str

    @property
    def again(self) -> "Question":
        """The same after an answer of another form."""
        return Question(f"{self.system}\n\n{AGAIN}", self.user)


def summary(entries: Sequence[Entry], *, part: bool) -> Question:
    """A summary of *entries*; *part*: they are not the conversation itself from end to end."""
    return _asked(f"{_SUMMARY}\n\n{_PART}" if part else _SUMMARY, entries, "Summarise it.")


def reply(entries: Sequence[Entry], wish: str) -> Question:
    """A draft; *wish* are the agent's own words, masked."""
    task = "Draft the next mail to the customer."
    if wish:
        task += f" The agent wants it to say: {wish}"
    return _asked(_REPLY, entries, task)


def translation(text: str, language: str) -> Question:
    """*text*, masked, in *language*."""
    return _asked(_TRANSLATE.format(language=language), [("text", text)], "Translate the text.")


def code(entries: Sequence[Entry], codes: Sequence[CodeOffered]) -> Question:
    """The code that fits."""
    listed = "\n".join(f"- {_one(c.key)}: {_one(c.label)}" for c in codes)
    return _asked(_CODE.format(codes=listed), entries, "Choose the code.")


def link(entries: Sequence[Entry]) -> Question:
    """Which conversation the first entry, the mail, belongs to."""
    return _asked(_LINK, entries, "Which conversation does the mail belong to?")


def _asked(system: str, entries: Sequence[Entry], task: str) -> Question:
    fence = Fence.around(f"{head}\n{text}" for head, text in entries)
    return Question(f"{system}\n\n{fence.rule}", f"{fence.enclose(entries)}\n\n{task}")


# The conversation, masked


def read(
    said: Transcript, speakers: Iterable[Speaker], zone: tzinfo | None, *, masked: bool
) -> tuple[Mask, list[Entry]]:
    """The record, then each passage of *speakers*, with its time in *zone*; everybody is hidden.

    A second for a million characters.
    """
    who = (p.who for p in said.passages if p.speaker is not Speaker.CHANGE)
    mask = Mask((said.customer, *who, *said.agents), on=masked)
    return mask, list(_entries(said, mask, frozenset(speakers), zone))


def _entries(
    said: Transcript, mask: Mask, wanted: frozenset[Speaker], zone: tzinfo | None
) -> Iterator[Entry]:
    about = "\n".join(filter(None, (said.subject, said.description)))
    head = (
        f"record {_one(said.number)}, customer {_hidden(said.customer, mask)}: subject, description"
    )
    yield head, mask.hide(safe(about))
    for passage in said.passages:
        if passage.speaker in wanted:
            yield _head(passage, mask, zone), mask.hide(safe(passage.text))


def _head(p: Passage, mask: Mask, zone: tzinfo | None) -> str:
    what = {
        Speaker.CUSTOMER: "mail from the customer",
        Speaker.DESK: "mail from the desk",
        Speaker.NOTE: "internal note",
        Speaker.CHANGE: "change of the record",
    }[p.speaker]
    return f"{p.at.astimezone(zone):%Y-%m-%d %H:%M} {what}, {_hidden(p.who, mask)}"


def _hidden(name: str, mask: Mask) -> str:
    return mask.hide(_one(name))[:LONGEST_NAME]


def _one(text: str) -> str:
    return safe(text, multiline=False)
