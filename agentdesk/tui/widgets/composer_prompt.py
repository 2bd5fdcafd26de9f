"""The one line where the composer will be: what can be written now."""

from dataclasses import dataclass
from pathlib import Path

from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from agentdesk.domain.case_head import CaseView, ThreadView
from agentdesk.domain.interaction import WRITABLE, State
from agentdesk.domain.views import InteractionView
from agentdesk.tui.hints import key_of
from agentdesk.tui.widgets.cells import one_line


def on_its_way(view: InteractionView) -> str:
    """Why nothing is written now."""
    centre = one_line(view.centre.name) if view.centre is not None else "the contact centre"
    return f"On its way to {one_line(view.transferring_to)}: read-only until {centre} answers."


class ComposerPrompt(Widget):
    """Offers reply and note, or says why there is nothing to write."""

    DEFAULT_CSS = Path(__file__).with_suffix(".tcss").read_text(encoding="utf-8")

    view: reactive[ThreadView | None] = reactive(None)

    @dataclass
    class Chosen(Message):
        """The offer of an action was clicked."""

        action_id: str

    def render(self) -> Content:
        """What can be done, each with its key; a click does it too."""
        self.set_reactive(ComposerPrompt.auto_links, False)
        view = self.view
        if view is None:
            return Content("")
        if isinstance(view, CaseView) and view.merged_into:
            words = f"Merged into {view.merged_into}: write there."
            return Content.styled(words, "$muted-text")
        if view.state.closed:
            return Content.styled(
                f"{view.state.label}. Nothing is written here any more.", "$muted-text"
            )
        if isinstance(view, InteractionView) and view.transferring_to:
            return Content.styled(on_its_way(view), "$late")
        if isinstance(view, CaseView):
            reply = "go on with your draft" if view.draft_id is not None else "reply"
            return self._offers(("open_reply", reply), ("open_note", "note"))
        if view.state is State.NEW:
            return self._offers(("assign_to_me", "take it and answer"), ("open_note", "note"))
        if view.state is State.WRAP_UP and view.mine:
            code = ("close_interaction", "choose a code")
            return self._offers(code, ("toggle_hold", "go on working"), ("open_note", "note"))
        reply = "go on with your draft" if view.draft_id is not None else "reply"
        offers = [("open_reply", reply)] if view.mine and view.state in WRITABLE else []
        if not view.mine and view.draft_id is not None:
            offers.append(("choose_draft", "go on with your draft"))
        return self._offers(*offers, ("open_note", "note"))

    def _offers(self, *offers: tuple[str, str]) -> Content:
        parts = []
        for action_id, words in offers:
            offer = Content.assemble(
                (key_of(self, action_id), "bold"), (f" {words}", "$muted-text")
            )
            parts.append(offer.stylize(Style.from_meta({"@click": f"choose('{action_id}')"})))
        return Content("    ").join(parts)

    def action_choose(self, action_id: str) -> None:
        """An offer was clicked."""
        self.post_message(self.Chosen(action_id))
