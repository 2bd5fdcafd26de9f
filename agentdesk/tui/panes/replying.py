"""Writing in a thread: drafts opened, taken over, given files and discarded."""

from typing import TYPE_CHECKING, Any

from agentdesk import services
from agentdesk.domain.draft import Draft, DraftContent, DraftFile, DraftKind
from agentdesk.domain.errors import DeskError
from agentdesk.domain.feed import Change
from agentdesk.domain.ids import DraftId, MessageId
from agentdesk.domain.views import DraftRow
from agentdesk.tui.dialogs.attach import ChosenFile
from agentdesk.tui.dialogs.attach_files import AttachFilesDialog
from agentdesk.tui.dialogs.confirm import ConfirmDialog
from agentdesk.tui.dialogs.picker import Choice, PickDialog
from agentdesk.tui.dialogs.versions import VersionsDialog
from agentdesk.tui.hints import key_of
from agentdesk.tui.shell import shell
from agentdesk.tui.transfer import Transfer
from agentdesk.tui.widgets.composer import KINDS, Composer, Mode
from agentdesk.tui.widgets.draft_keeper import DraftKeeper

if TYPE_CHECKING:
    from agentdesk.tui.app import DeskApp
    from agentdesk.tui.panes.thread import ThreadPane

BETWEEN = "──── above: what you had typed · below: the draft as it was taken over ────"


def merged(unsaved: DraftContent, base: DraftContent, theirs: DraftContent) -> DraftContent:
    """What a person goes on with after taking over: nothing that either of both typed is lost."""
    envelope = {
        name: mine
        if (mine := getattr(unsaved, name)) != getattr(base, name)
        else getattr(theirs, name)
        for name in ("to", "cc", "bcc", "subject")
    }
    if unsaved.body in (base.body, theirs.body):
        body = theirs.body
    elif theirs.body == base.body:
        body = unsaved.body
    else:
        body = f"{unsaved.body.rstrip()}\n\n{BETWEEN}\n\n{theirs.body}"
    return DraftContent(**envelope, body=body)


def line_of(row: DraftRow) -> str:
    """`Forward by Ben Okafor, who is writing: Your order`."""
    who = "you" if row.mine else row.author
    now = f", {row.writer} is writing" if row.writer else ""
    return f"{KINDS[row.kind]} by {who}{now}: {row.subject or row.to or '(empty)'}"


class Replying:
    """The mail of one pane. Each method is one thing that a person does."""

    def __init__(self, pane: "ThreadPane[Any]") -> None:
        self._pane = pane
        self.busy = False
        """The draft is on its way out: what happens to it is no news."""

    @property
    def _app(self) -> "DeskApp":
        return shell(self._pane)

    @property
    def composer(self) -> Composer:
        """Where it is written."""
        return self._pane.query_one("#reply", Composer)

    async def open(self, *, everyone: bool) -> None:
        """Go on with the reply, or begin one; another mail that is being written is folded."""
        keeper = self.composer.keeper
        if keeper is not None and keeper.draft.kind is DraftKind.REPLY:
            return self.composer.focus_text()
        app, ix = self._app, self._pane.thread_id
        draft = await app.act(
            services.drafts.open_reply(app.desk, app.actor, ix, everyone=everyone)
        )
        if draft is not None:
            await self._change_to(draft)

    async def open_draft(self, draft_id: DraftId) -> None:
        """Go on with that draft, or read along."""
        keeper, app = self.composer.keeper, self._app
        if keeper is not None and keeper.draft.id == draft_id:
            return self.composer.focus_text()
        draft = await app.act(services.drafts.open(app.desk, app.actor, draft_id))
        if draft is not None:
            await self._change_to(draft)

    async def _change_to(self, draft: Draft) -> None:
        await self.fold()
        await self.begin(draft)

    async def choose_draft(self) -> None:
        """One of the drafts of this thread, of whomever."""
        app, ix = self._app, self._pane.thread_id
        rows = await app.act(services.drafts.of(app.desk, app.actor, ix))
        if rows is None:
            return
        if not rows:
            return app.tell("Nobody has a draft here.")
        choices = [Choice(str(r.draft_id), line_of(r), "✎", "$note") for r in rows]
        chosen = await app.push_screen_wait(
            PickDialog(choices, title=f"Drafts of {self._pane.number}")
        )
        if chosen is not None:
            await self.open_draft(DraftId(int(chosen)))

    async def choose_version(self) -> None:
        """What the draft said before, to write on from it."""
        keeper, app = self.composer.keeper, self._app
        if keeper is None:
            return
        await keeper.flush()
        coro = services.drafts.versions(app.desk, app.actor, keeper.draft.id)
        if (found := await app.act(coro)) is None:
            return
        dialog = VersionsDialog(found, may_restore=not keeper.lost)
        chosen = await app.push_screen_wait(dialog)
        if chosen is not None and self.composer.keeper is keeper:
            await app.act(keeper.restore(chosen))
            self.composer.show(keeper.typed)
        self.composer.focus_text()

    async def forward(self, message: MessageId) -> None:
        """Send a mail on; one that is being written is folded and stays."""
        app, ix = self._app, self._pane.thread_id
        draft = await app.act(services.forwarding.open_forward(app.desk, app.actor, ix, message))
        if draft is not None:
            await self._change_to(draft)

    async def begin(self, draft: Draft) -> None:
        """Write in *draft*."""
        composer = self.composer
        await self._pane.make_room(Mode.REPLY)

        def told() -> None:
            if composer.is_attached and composer.keeper is keeper:
                composer.show_standing()

        def taken(name: str) -> None:
            self._app.tell(
                f"{name} took over your draft and writes it now. What you typed is kept: "
                f"{key_of(composer, 'show_versions')} shows it, "
                f"{key_of(composer, 'take_over_draft')} takes the draft back.",
                "warning",
                "Draft taken over",
            )

        keeper = DraftKeeper(self._app.desk, self._app.actor, draft, told, taken)
        composer.open_draft(keeper)

    async def fold(self) -> None:
        """Hide the composer: everything is saved, and others may write.

        A reply to a customer in which nothing was typed leaves no draft behind.
        """
        if (keeper := self.composer.keeper) is None:
            return
        self.composer.close()
        await keeper.flush()
        unused = not (keeper.draft.touched or keeper.lost or keeper.unsaved)
        if unused and self._pane.drops_unused:
            keeper.finish()
            await self._throw_away(keeper.draft)
            self._pane.read_again()
        else:
            await keeper.close()

    def forget(self) -> None:
        """The draft is gone with what was done: sent, discarded or closed."""
        if (keeper := self.composer.keeper) is not None:
            keeper.finish()
        self.composer.close()

    async def flush(self) -> None:
        """Save what is typed."""
        if (keeper := self.composer.keeper) is not None:
            await keeper.flush()

    async def follow(self, change: Change) -> None:
        """Others touched the draft: tell who writes now, and read along."""
        keeper = self.composer.keeper
        if keeper is None or keeper.draft.id not in change.drafts or self.busy:
            return
        try:
            draft = await services.drafts.read(self._app.desk, self._app.actor, keeper.draft.id)
        except DeskError:
            if self.composer.keeper is keeper and not self.busy:
                keeper.lose("This draft was sent or discarded in another window.", gone=True)
            return
        if keeper.lost:
            keeper.replace_draft(draft)
        elif draft.token > keeper.draft.token:
            await keeper.lose_to(draft)

    async def take_over(self) -> None:
        """Write here, whoever writes now; what either typed stays."""
        keeper, app = self.composer.keeper, self._app
        if keeper is None:
            return
        unsaved, base = keeper.unsaved, keeper.base
        if keeper.gone:
            ix = self._pane.thread_id
            coro = services.drafts.open_reply(app.desk, app.actor, ix, everyone=False)
        else:
            coro = services.drafts.take_over(app.desk, app.actor, keeper.draft.id)
        if (draft := await app.act(coro)) is None:
            return
        await self.begin(draft)
        if unsaved is not None:
            gone = keeper.gone
            self.composer.write(unsaved if gone else merged(unsaved, base, draft.content))

    # Files and the end of a draft

    async def attach(self) -> None:
        """Choose files and attach them."""
        keeper = self.composer.keeper
        if keeper is None or keeper.lost:
            return

        async def take(file: ChosenFile, transfer: Transfer) -> str:
            try:
                await keeper.attach(file.name, file.content, transfer)
            except DeskError as error:
                return str(error)
            return ""

        app = self._app
        most, root = app.desk.rules.largest_file, app.options.files_root
        await app.push_screen_wait(AttachFilesDialog(most, take, root=root))
        self.composer.focus_text()

    async def detach(self, file: DraftFile) -> None:
        """Remove a file."""
        keeper = self.composer.keeper
        if keeper is not None and not keeper.lost:
            await self._app.act(keeper.detach(file.sha256))

    async def discard(self) -> None:
        """Throw the draft away, after asking."""
        dialog = ConfirmDialog(
            "Throw this draft away? Its text and files cannot be brought back.",
            yes="Discard",
            no="Keep it",
            title="Discard draft",
            danger=True,
        )
        if await self._app.push_screen_wait(dialog) and await self._discard():
            self._pane.go_on_reading()

    async def _discard(self) -> bool:
        app, keeper, view = self._app, self.composer.keeper, self._pane.view
        draft = keeper.draft if keeper is not None else None
        if draft is None and view is not None and view.draft_id is not None:
            draft = await app.act(services.drafts.read(app.desk, app.actor, view.draft_id))
        if draft is None or not await self._throw_away(draft):
            return False
        self.forget()
        return True

    async def _throw_away(self, draft: Draft) -> bool:
        app = self._app

        async def thrown() -> bool:
            await services.drafts.discard(app.desk, app.actor, draft.id, draft.token)
            return True

        return bool(await app.act(thrown()))
