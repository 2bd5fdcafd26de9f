"""What an administrator does on the contact centres' screen: ask what is meant, do it, say it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agentdesk import services
from agentdesk.domain.ccaas.views import MappingRow, OrderRow, ReviewRow, discard_means
from agentdesk.tui.dialogs.confirm import ConfirmDialog
from agentdesk.tui.dialogs.find_choice import FindChoiceDialog, among
from agentdesk.tui.dialogs.picker import Choice, PickDialog
from agentdesk.tui.shell import shell
from agentdesk.tui.widgets.cells import one_line

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp
    from agentdesk.tui.screens.centres import CentresScreen

SEVERAL = "Several of ours may be the same there."


class CentreVerbs:
    """Works for one screen. `importing`: the centres whose catalogue is being read."""

    def __init__(self, screen: "CentresScreen") -> None:
        self._screen = screen
        self.importing: frozenset[str] = frozenset()

    @property
    def _app(self) -> "DeskApp":
        return shell(self._screen)

    async def _done(self, coro: Any) -> bool:
        """Whether it was done; the user knows why not."""

        async def told() -> bool:
            await coro
            return True

        done = await self._app.act(told()) is True
        self._screen.reload()
        return done

    # What stands for what

    async def map(self, row: MappingRow) -> None:
        """Ask for what is missing of a pair, or for another counterpart of ours."""
        dialog = self._theirs(row) if row.local else await self._ours(row)
        if dialog is None or not (key := await self._app.push_screen_wait(dialog)):
            return
        external_id, local = (key, row.local) if row.local else (row.external_id, key)
        about = (self._app.desk, self._app.actor, row.centre, row.kind, external_id, local)
        if await self._done(services.ccaas.catalogue.map_(*about)):
            self._app.tell(f"{row.local_name or row.external_name} is mapped.")

    def _theirs(self, row: MappingRow) -> FindChoiceDialog:
        async def find(words: str) -> Sequence[Choice] | None:
            app = self._app
            read = services.ccaas.reading.choices_there
            found = await app.act(read(app.desk, app.actor, row.centre, row.kind, words))
            return None if found is None else [_there(each) for each in found]

        return FindChoiceDialog(
            f"{row.local_name} at {row.centre_name}",
            find,
            sentence=f"Which {row.kind.value} of theirs is it? {SEVERAL}",
            placeholder="A name",
            empty="Nothing by these words. Import reads what the centre has.",
        )

    async def _ours(self, row: MappingRow) -> FindChoiceDialog | None:
        app = self._app
        read = services.ccaas.reading.choices_here
        found = await app.act(read(app.desk, app.actor, row.centre, row.kind))
        if found is None:
            return None
        return FindChoiceDialog(
            f"{row.external_name} of {row.centre_name}",
            among([_here(each) for each in found]),
            sentence=f"Which {row.kind.value} of ours is it?",
            placeholder="A name",
            empty=f"No {row.kind.value} of ours by these words.",
        )

    async def unmap(self, row: MappingRow) -> None:
        """At once: it can be mapped again."""
        app, unmap = self._app, services.ccaas.catalogue.unmap
        about = (row.centre, row.kind, row.external_id, row.local)
        if await self._done(unmap(app.desk, app.actor, *about)):
            app.tell(f"{one_line(row.local_name)} is no longer mapped. List 1 shows it.")

    async def import_one(self) -> None:
        """Read the catalogue of the only centre, or of the chosen one."""
        app, centres = self._app, self._screen.centres
        key: str | None = centres[0].key if centres else None
        if len(centres) > 1:
            lines = [Choice(c.key, one_line(c.name)) for c in centres]
            key = await app.push_screen_wait(PickDialog(lines, title="Read what a centre has"))
        if key is None or key in self.importing:
            return
        self.importing |= {key}
        self._screen.show_health()
        try:
            found = await app.act(services.ccaas.catalogue.import_(app.desk, app.actor, key))
        finally:
            self.importing -= {key}
        if found is not None:
            app.tell(found.words)
        self._screen.show_health()
        self._screen.reload()

    # What waits

    async def retry(self, row: OrderRow) -> None:
        """Back among those that are carried out."""
        app = self._app
        if await self._done(services.ccaas.troubles.retry(app.desk, app.actor, row.order_id)):
            app.tell(f"{one_line(row.centre_name)} is asked again.")

    async def discard(self, row: OrderRow) -> None:
        """After a word on what it means."""
        app, centre = self._app, one_line(row.centre_name)
        about = f"{row.op.words} of {row.number or one_line(row.agent) or 'an agent'}"
        question = f"Discard the order {about}?\n\n{discard_means(row.op, centre)}"
        dialog = ConfirmDialog(question, yes="Discard", no="Keep", danger=True)
        if await app.push_screen_wait(dialog):
            discard = services.ccaas.troubles.discard(app.desk, app.actor, row.order_id)
            if await self._done(discard):
                app.tell("The order is discarded.")

    async def decide(self, row: ReviewRow) -> None:
        """Ask which of two codes counts, or whether one beside the conversation will do."""
        app, centre = self._app, one_line(row.centre_name)
        if row.differs:
            names = one_line(row.ours) or "No code", row.theirs or "Theirs"
            remarks, title = (
                (f"ours; it is sent to {centre}", f"as {centre} has it"),
                "which counts?",
            )
        else:
            names = f"Give it to {centre}", "Leave it beside the conversation"
            remarks, title = ("once its agent is signed in there", ""), "will that do?"
        lines = [
            Choice("ours", names[0], remark=remarks[0]),
            Choice("theirs", names[1], remark=remarks[1]),
        ]
        chosen = await app.push_screen_wait(PickDialog(lines, title=f"{row.number}: {title}"))
        if chosen is not None:
            theirs = chosen == "theirs"
            decide = services.ccaas.troubles.decide
            await self._done(decide(app.desk, app.actor, row.segment_id, theirs=theirs))


def _there(row: MappingRow) -> Choice:
    remark = " · ".join(
        part for part in (row.detail, f"is {row.local}" if row.local else "") if part
    )
    return Choice(row.external_id, row.external_name, remark=remark)


def _here(row: MappingRow) -> Choice:
    remark = f"{row.local} · mapped already" if row.external_id else row.local
    return Choice(row.local, one_line(row.local_name), remark=remark)
