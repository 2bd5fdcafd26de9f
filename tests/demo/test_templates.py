"""The demo's starter templates: a file that an import reads, without a fault."""

from importlib import resources

from agentdesk.domain.template import TemplateKind
from agentdesk.settings import templates


def test_the_demos_templates_can_be_imported() -> None:
    text = resources.files("agentdesk.demo").joinpath("templates.toml").read_text(encoding="utf-8")
    found = templates.read(text, ["support", "returns", "sales"])
    assert found.faults == ()
    assert {t.kind for t in found.templates} == set(TemplateKind)
    assert templates.read(templates.written(found.templates), ["support", "returns", "sales"]) == (
        found
    )
