"""What deserves a toast."""

from dataclasses import replace

from agentdesk.domain.views import Health, LoopHealth
from agentdesk.tui import news
from tests.tui.fake_desk import busy_desktop


def test_a_mail_that_may_not_have_gone_out_is_told_as_such_and_not_as_an_answer() -> None:
    before = busy_desktop()
    first = before.ongoing[0]
    stuck = replace(first, unread=1, undelivered=1)
    after = replace(before, ongoing=(stuck, *before.ongoing[1:]))
    for active in (None, first.interaction_id):
        (told,) = news.of_desktop(before, after, active)
        assert (told.title, told.ring, told.bad) == ("A mail needs you", True, True)
        assert first.subject in told.sentence


def test_it_is_told_once() -> None:
    desktop = busy_desktop()
    stuck = replace(desktop, ongoing=(replace(desktop.ongoing[0], undelivered=1),))
    assert news.of_desktop(stuck, stuck, None) == ()


def test_a_loop_that_works_is_no_news_and_a_trouble_is_told_once() -> None:
    """Each mail would be two toasts otherwise; and a retry looks busy before it fails again."""
    trouble = LoopHealth("support@northwind.example", Health.RETRYING, "No route to the server.")
    busy = replace(trouble, health=Health.BUSY, sentence="Fetching 1 mail.")
    idle = replace(trouble, health=Health.IDLE, sentence="")
    told, loops = [], news.settled((), [idle])
    for now in (busy, idle, trouble, busy, trouble, busy, idle, busy):
        before, loops = loops, news.settled(loops, [now])
        told += [item.sentence for item in news.of_health(before, loops)]
    assert told == ["No route to the server.", "Works again."]
