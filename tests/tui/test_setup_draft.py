"""The routing setup while it is changed, without a screen."""

from agentdesk.domain.editing import SetupView
from agentdesk.settings import document
from agentdesk.settings.export import export, items
from agentdesk.settings.template import help_on, template
from agentdesk.tui.setup_draft import TITLES, Draft, Place
from tests.tui.fake_setup import policy


def draft() -> Draft:
    held = policy()
    texts = {section: tuple(found) for section, found in items(held).items()}
    return Draft(SetupView(7, export(held), texts, ()))


def names(found: Draft, section: str) -> list[str]:
    return [found.title(Place(section, i)) for i in range(found.count(section))]


def test_it_begins_as_what_is_in_force() -> None:
    found = draft()
    assert document.read(found.toml()).policy == policy()
    assert not found.changed
    assert {place.section for place in found.places()} == set(TITLES)


def test_every_line_of_the_document_belongs_to_its_item() -> None:
    found = draft()
    for n, line in enumerate(found.toml().splitlines(), 1):
        if line:
            place, at = found.place_of(n)
            assert found.text(place).splitlines()[at - 1] == line


def test_lines_are_right_when_a_usual_section_is_empty() -> None:
    found = draft()
    while found.count("reject_reasons"):
        found.remove(Place("reject_reasons", 0))
    at = found.toml().splitlines().index('key = "sales"') + 1
    assert found.place_of(at) == (Place("queues", 1), 2)
    read = document.read(found.toml()).policy
    assert read is not None
    assert read.reject_reasons == ()


def test_items_are_added_duplicated_removed_moved_and_that_is_undone() -> None:
    found = draft()
    begun = found.toml()
    assert found.add(Place("queues")) == Place("queues", 2)
    assert found.duplicate(Place("queues", 1)) == Place("queues", 2)
    assert names(found, "queues") == ["support", "sales", "sales-1", "queue-1"]
    assert found.move(Place("queues", 3), -1) == Place("queues", 2)
    assert found.move(Place("queues", 0), -1) == Place("queues", 0)
    assert found.remove(Place("queues", 3)) == Place("queues", 2)
    assert names(found, "queues") == ["support", "sales", "queue-1"]
    while found.can_undo:
        found.undo()
    assert found.toml() == begun
    assert not found.changed


def test_every_template_is_an_item_that_fits() -> None:
    found = draft()
    for section in [s for s in TITLES if s != "routing"]:
        found.add(Place(section))
        found.add(Place(section))
    read = document.read(found.toml())
    assert read.problems == ()
    assert read.policy is not None
    assert [len(read.policy.queues), len(read.policy.work_rules)] == [4, 2]


def test_every_key_of_a_template_may_be_switched_on() -> None:
    switched = "\n".join(line.removeprefix("# ") for line in template("schedules", ()).splitlines())
    assert document.read(switched).problems == ()


def test_an_item_that_would_belong_to_another_is_told() -> None:
    found = draft()
    found.write(Place("queues", 1), "# a comment\ngoal = 3\n")
    found.write(Place("agents", 0), "# a comment\n[[agents]]  # here\nlogin = 'x'\n")
    assert list(found.misplaced()) == [Place("queues", 1)]
    assert found.title(Place("agents", 0)) == "x"
    assert found.title(Place("queues", 1)) == "?"


def test_help_is_that_of_the_key_in_the_line() -> None:
    assert help_on("queues", "# goal = 80").startswith("goal: a whole number from 1 to 100. The")
    assert "customer.vip" in help_on("queues", "condition = ''")
    assert help_on("groups", "[[groups]]").startswith("A team.")
