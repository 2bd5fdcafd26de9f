"""A customer answers something closed, over real loopback servers: the right case, and its agent told."""

from agentdesk import services
from agentdesk.bootstrap.opened import RunningDesk
from agentdesk.domain.case import NewCase
from agentdesk.domain.ids import CaseId, InteractionId
from agentdesk.domain.interaction import State
from agentdesk.domain.ladder import Rung
from tests.desks import SUPPORT, mail
from tests.engine.test_end_to_end import Post, post, running, until

__all__ = ["post"]


async def accepted(opened: RunningDesk) -> InteractionId:
    """The agent accepts what is offered."""
    made, ana = opened.desk, opened.actor

    async def offered() -> bool:
        return bool((await services.views.desktop(made, ana)).inbox)

    await until(opened, offered)
    (card,) = (await services.views.desktop(made, ana)).inbox
    return await services.offers.accept(made, ana, card.work_item_id)


async def case_about(opened: RunningDesk, post: Post, name: str, text: str) -> CaseId:
    subject, header = f"About the {name}", f"{name}@fjord.example"
    post.store.deliver(SUPPORT, mail(text, subject=subject, message_id=header))
    key = await accepted(opened)
    new = NewCase(assign_to=opened.actor.agent_id)
    return await services.cases.create(opened.desk, opened.actor, key, new)


async def closed_talk(opened: RunningDesk, post: Post) -> None:
    hello = mail("Where is your shop?", subject="Shop", message_id="shop@fjord.example")
    post.store.deliver(SUPPORT, hello)
    key = await accepted(opened)
    made, ana = opened.desk, opened.actor
    await services.handling.close(made, ana, key)
    (code, *_) = await services.handling.wrap_up_codes(made, ana, key)
    await services.handling.wrap_up(made, ana, key, code.code_id, "")
    assert (await services.views.interaction(made, ana, key)).state is State.CLOSED_COMPLETE


async def test_an_answer_to_something_closed_reaches_the_right_one_of_two_cases(
    url: str, post: Post
) -> None:
    async with running(url, post) as opened:
        made, ana = opened.desk, opened.actor
        tent = await case_about(
            opened, post, "tent", "The pole T-5512 of the tent is cracked at the joint."
        )
        lamp = await case_about(opened, post, "lamp", "The lamp flickers when it is plugged in.")
        await closed_talk(opened, post)
        words = "The tent pole T-5512 is cracked: the joint of the pole broke off completely."
        subject = "Re: About the tent"
        post.store.deliver(SUPPORT, mail(words, subject=subject, in_reply_to="shop@fjord.example"))

        async def told() -> bool:
            rows = (await services.views.desktop(made, ana)).cases
            return any(row.unread for row in rows)

        await until(opened, told)
        rows = {r.case_id: r for r in (await services.views.desktop(made, ana)).cases}
        (last,) = [
            e.message_id
            for key in (tent, lamp)
            for e in (await services.cases.stream(made, ana, key)).entries
            if e.message_id and "broke off" in e.text
        ]
        view = await services.links.decision(made, ana, last)
        assert (view.rung, view.number) == (Rung.BEST_SCORE, rows[tent].number)
        assert [c.chosen for c in view.candidates] == [True, False]
        assert view.candidates[0].score >= 0.85
        assert "pole" in " ".join(view.candidates[0].words)
        assert view.reason.startswith("It refers to a message in IMS")
        assert (rows[tent].unread, rows[lamp].unread) == (1, 0)
