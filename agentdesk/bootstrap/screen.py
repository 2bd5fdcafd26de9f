"""What settings say about the screen."""

from agentdesk import locations
from agentdesk.bootstrap.plan import zone
from agentdesk.settings import Settings
from agentdesk.tui.options import DeskOptions


def options(s: Settings) -> DeskOptions:
    """The screen's options."""
    return DeskOptions(
        title=s.desk.name,
        theme=s.desk.theme,
        keymap=dict(s.desk.keymap),
        themes_folder=locations.themes_dir(),
        bell=s.desk.bell,
        notify=s.desk.notify,
        card_fields=tuple(s.desk.card_fields),
        wall_s=s.desk.wall_s,
        zone=zone(s),
    )
