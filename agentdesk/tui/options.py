"""What the settings say about the screen. `bootstrap` makes it from settings.toml."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class DeskOptions:
    """Everything that a person may change about the screen.

    `title`: what stands first at the top.
    `theme`: the name of a theme; an unknown one falls back to the default with a toast.
    `keymap`: action id -> keys, as in `{"open_reply": "R,ctrl+r"}`.
    `themes_folder`: more themes as TOML files; None for the bundled ones only.
    `files_root`: files are read from and saved to this folder only, where a desk is served to others
    over SSH; None: wherever the person may.
    `notify`: how the terminal is asked for a notification of the desktop: auto, off, osc9, osc777 or
    osc99. `card_fields`: what the cards of the inbox show, the title first.
    `bell`: ring the terminal's bell at a new offer. `toast_s`: seconds that a toast stays.
    `wall_s`: seconds that each page stays on the wall.
    `zone`: times are shown in it; None is the machine's own.
    `save_after_s`: seconds of calm before open tabs are saved. `blink`: cursors blink.
    `tip`: what to try, shown while no tab is open.
    `start_at_wallboard`: a supervisor's desk opens there. `close_within_s`: seconds that the engine
    has to stop at exit.
    """

    title: str = "agentdesk"
    theme: str = "slate"
    keymap: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    themes_folder: Path | None = None
    files_root: Path | None = None
    bell: bool = True
    notify: str = "auto"
    card_fields: tuple[str, ...] = ("subject", "customer", "queue", "preview")
    toast_s: float = 6.0
    wall_s: float = 15.0
    zone: tzinfo | None = None
    save_after_s: float = 0.5
    blink: bool = True
    tip: str = ""
    start_at_wallboard: bool = False
    close_within_s: float = 1.5

    @property
    def served(self) -> bool:
        """Whether others use this desk over SSH: then nothing leads out of it to the machine."""
        return self.files_root is not None
