"""A mail that we wrote first, over real servers: sent, answered, and its owner hears of it."""

from dataclasses import replace

from agentdesk import services
from agentdesk.domain.interaction import State
from agentdesk.mail.mime import understand
from tests.desks import SUPPORT, mail
from tests.engine.test_end_to_end import CUSTOMER, Post, running, until
from tests.engine.test_end_to_end import post as post
from tests.services.test_outbound import person


async def test_what_we_wrote_first_is_answered(url: str, post: Post) -> None:
    async with running(url, post) as opened:
        desk, ana = opened.desk, opened.actor
        assert ana is not None
        mara = await person(desk, "Mara Olsen", CUSTOMER)
        draft = await services.outbound.open_for_customer(desk, ana, mara)
        content = replace(draft.content, subject="Your parcel", body="It waits for you.")
        draft = await services.drafts.save(desk, ana, draft.id, draft.token, content)
        await services.sending.queue(desk, ana, draft.id, draft.token)

        async def arrived() -> bool:
            return bool(post.received(CUSTOMER))

        await until(opened, arrived)
        ours = understand(post.received(CUSTOMER)[0])
        words = mail("Today.", subject="Re: Your parcel", in_reply_to=ours.message_id)
        post.store.deliver(SUPPORT, words)

        async def told() -> bool:
            ongoing = (await services.views.desktop(desk, ana)).ongoing
            return [(r.interaction_id, r.state, r.unread) for r in ongoing] == [
                (draft.interaction_id, State.WORK_IN_PROGRESS, 1)
            ]

        await until(opened, told)
