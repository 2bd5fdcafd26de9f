"""What is done on the templates screen: a part of the catalogue of actions."""

from agentdesk.tui.action import EVERYBODY, SUPERVISORS, Action, Scope


def _action(
    name: str,
    key: str,
    label: str,
    what: str,
    words: str = "",
    footer: int = 0,
    *,
    everybody: bool = False,
) -> Action:
    roles = EVERYBODY if everybody else SUPERVISORS
    return Action(name, key, Scope.TEMPLATES, label, what, words, footer, roles=roles)


ACTIONS: tuple[Action, ...] = (
    Action(
        "show_templates",
        "S",
        Scope.DESK,
        "Show templates",
        "Canned replies and notes: look at them; supervisors change them",
    ),
    _action("edit_template", "enter", "Edit template", "Write in it; esc leaves it", "edit", 1),
    _action("save_template", "f2", "Save template", "From now on everybody gets it so", "save", 1),
    _action("new_template", "n", "New template", "An empty one in this folder", "new", 3),
    _action("copy_template", "c", "Copy template", "The same again under another name", "copy", 5),
    _action("rename_template", "r", "Rename template", "Write in its name", "rename", 6),
    _action("move_template", "m", "Move template", "Into another folder", "move", 6),
    _action("choose_queues", "w", "Choose queues", "Where it is offered", "queues", 7),
    _action("toggle_kind", "t", "Reply or note", "What it is a template for", "reply/note", 9),
    _action("remove_template", "x", "Delete template", "Undo takes it back", "delete", 4),
    _action("undo_template", "u", "Undo template change", "Take back the last one", "undo", 3),
    _action(
        "discard_template",
        "D",
        "Discard template changes",
        "Begin again with what is kept of the highlighted template",
        "discard",
        8,
    ),
    _action("import_templates", "i", "Import templates", "From a TOML file", "import", 10),
    _action(
        "export_templates",
        "e",
        "Export templates",
        "All of them as a TOML file",
        "export",
        10,
        everybody=True,
    ),
    _action(
        "find_template",
        "/",
        "Find template",
        "Only those with some words",
        "find",
        3,
        everybody=True,
    ),
)
