"""Templates: filled in one pass, never with anything left over, and checked before they are kept."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentdesk.domain.errors import BadInput
from agentdesk.domain.template import (
    SAMPLE,
    VARIABLES,
    Template,
    TemplateId,
    TemplateKind,
    checked,
    faults,
    fill,
    found,
    leftover,
    refuse_leftovers,
    slug,
)

HELLO = Template(
    TemplateId(1), "hello", TemplateKind.REPLY, "Hello", "Hello {{customer.first_name}},\n\nthanks."
)


def body(text: str) -> Template:
    return replace(HELLO, body=text)


def test_each_variable_is_replaced_and_spaces_in_its_braces_do_not_matter() -> None:
    made = fill(body("{{ customer.name }} of {{account.name}}: {{today}}"), SAMPLE)
    assert made.text == "Mara Olsen of Fjord Supplies: 2 March 2026"
    assert made.missing == ()


def test_every_variable_has_a_sample() -> None:
    assert SAMPLE.keys() == VARIABLES.keys()
    everything = body(" ".join(f"{{{{{name}}}}}" for name in VARIABLES))
    assert "{{" not in fill(everything, SAMPLE).text


def test_a_missing_value_stays_visible_and_is_named_once() -> None:
    made = fill(body("{{case.number}} and {{case.number}}, {{customer.name}}"), {"case.number": ""})
    assert made.text == "{{case.number}} and {{case.number}}, {{customer.name}}"
    assert made.missing == ("case.number", "customer.name")


@given(st.text(), st.text())
def test_words_of_a_customer_are_never_read_as_variables(name: str, subject: str) -> None:
    values = SAMPLE | {
        "customer.name": f"{{{{case.number}}}}{name}",
        "interaction.subject": subject or "x",
    }
    made = fill(body("<{{customer.name}}|{{interaction.subject}}>"), values)
    assert made.text == f"<{{{{case.number}}}}{name}|{subject or 'x'}>"


@given(st.text(alphabet="{}ab. \n>"), st.sampled_from(list(VARIABLES)))
def test_what_is_left_over_is_found_wherever_it_stands(around: str, name: str) -> None:
    line = around.replace("\n", " ").replace(">", "").strip("{} ")
    assert name in leftover(f"{line} {{{{{name}}}}} {line}")


def test_quoted_lines_and_other_braces_are_left_alone() -> None:
    assert leftover("Hello\n> {{case.number}}\n {{ number }} {{handlebars}}") == ()


def test_sending_refuses_what_was_left_over_by_name() -> None:
    refuse_leftovers("Order", "Hello Mara")
    with pytest.raises(BadInput, match=r"^The mail still says \{\{case.number\}\}. Fill it in or"):
        refuse_leftovers("Order", "Your case {{case.number}}")
    with pytest.raises(
        BadInput, match=r"mail still says \{\{today\}\}, \{\{queue.name\}\}. Fill them"
    ):
        refuse_leftovers("Order", "{{today}} {{queue.name}}")
    with pytest.raises(BadInput, match=r"^The subject still says"):
        refuse_leftovers("About {{case.number}}", "Hello", theirs="About something")


def test_braces_in_the_subject_that_the_customer_wrote_stop_nothing() -> None:
    refuse_leftovers("Re: {{case.number}}", "Hello", theirs="{{case.number}}")


def test_an_unknown_variable_is_named_with_its_line_and_the_nearest_known_one() -> None:
    (fault,) = faults("Hello\n{{custmer.name}}")
    assert str(fault) == (
        "line 2: {{custmer.name}} is no variable. Did you mean {{customer.name}}?"
    )
    (fault,) = faults("{{Customer.Name}}")
    assert "Did you mean {{customer.name}}?" in fault.sentence
    (fault,) = faults("{{zzz}}")
    assert "There are customer.name, " in fault.sentence
    (fault,) = faults("Hello {{customer.name}, thanks")
    assert fault.sentence == "{{ begins a variable, but no }} ends it."


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": " "}, "Give the template a name."),
        ({"body": "\n \n"}, "Write the text of the template first."),
        ({"name": "x" * 101}, "The name is longer than 100 characters."),
        ({"body": "x" * 100_001}, "The text is longer than 100,000 characters."),
        ({"queues": frozenset({"suport"})}, "There is no queue 'suport'. Did you mean support?"),
        ({"body": "{{nam}}"}, "{{nam}} is no variable."),
        ({"body": "Hello\n{{agent.nam}}"}, "line 2: {{agent.nam}} is no variable."),
        ({"subject": "{{agent.nam}}"}, "In the subject: {{agent.nam}} is no variable."),
    ],
)
def test_what_cannot_be_kept_is_said_in_one_sentence(
    changes: dict[str, object], sentence: str
) -> None:
    with pytest.raises(BadInput) as refused:
        checked(replace(HELLO, **changes), ["support", "sales"])  # type: ignore[arg-type]
    assert str(refused.value).startswith(sentence)


def test_what_is_kept_is_tidy_and_safe() -> None:
    made = checked(
        replace(HELLO, name=" A \x1b[2J b ", folder="/Orders// Damage /", body="\nHi\u202e\n\n"), []
    )
    assert (made.name, made.folder, made.body) == ("A [2J b", "Orders/Damage", "Hi")
    note = checked(replace(HELLO, kind=TemplateKind.NOTE, subject="x"), [])
    assert note.subject == ""


def test_names_that_begin_with_the_words_come_first_then_names_and_folders_then_texts() -> None:
    one = replace(HELLO, id=TemplateId(1), name="Refund started", folder="B")
    two = replace(HELLO, id=TemplateId(2), name="No refund", folder="A")
    three = replace(HELLO, id=TemplateId(3), name="Other", folder="C", body="… a REFUND …")
    four = replace(HELLO, id=TemplateId(4), name="Übergabe", folder="")
    every = (three, two, one, four)
    assert [t.id for t in found(every, "refund", 10)] == [1, 2, 3]
    assert [t.id for t in found(every, "ü", 10)] == [4]
    assert [t.id for t in found(every, "other refund", 10)] == [3]
    assert [t.id for t in found(every, "", 2)] == [4, 2]


def test_keys_are_made_of_names_and_never_twice() -> None:
    assert slug("Refund: Started!", []) == "refund-started"
    assert slug("Refund started", ["refund-started", "refund-started-2"]) == "refund-started-3"
    assert slug("退款", []) == "template"
    assert len(slug("x" * 90, ["x" * 36])) <= 40
