"""How the routing sections are written, and how they must fit together."""

from textwrap import dedent

import pytest

from agentdesk.domain.policy import (
    Affinity,
    AffinitySetup,
    AutoAccept,
    Hours,
    PoolSetup,
    Rule,
    SkillNeed,
)
from agentdesk.settings import document
from agentdesk.settings.document import Document

QUEUE = '[[queues]]\nkey = "support"\nname = "Support"\n'
ANA = '[[agents]]\nlogin = "ana"\nname = "Ana Ruiz"\nrole = "admin"\n'
GERMAN = '[[skills]]\nkey = "german"\nname = "German"\n'
OFFICE = '[[schedules]]\nkey = "office"\nname = "Office"\ntime_zone = "Europe/Madrid"\n'


def read(*parts: str) -> Document:
    return document.read("\n".join(dedent(part) for part in parts))


def problem(*parts: str) -> str:
    found = read(*parts).problems
    assert found, "nothing is wrong with it"
    return "\n".join(str(p) for p in found)


def warned(*parts: str) -> str:
    found = read(*parts)
    assert found.problems == ()
    return "\n".join(str(w) for w in found.warnings)


def queue(*lines: str, before: str = ""):
    policy = read(before, QUEUE, *lines).policy
    assert policy is not None
    return policy.queues[0]


# -- how things are written ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("mon-fri 09:00-17:30", Hours(("mon", "tue", "wed", "thu", "fri"), 540, 1050)),
        ("Sat,Sun  9:00 - 14:00", Hours(("sat", "sun"), 540, 840)),
        ("daily 00:00-24:00", Hours(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), 0, 1440)),
        ("sat-mon, wed 10:00-11:00", Hours(("mon", "wed", "sat", "sun"), 600, 660)),
    ],
)
def test_hours_are_days_and_a_time(text: str, hours: Hours) -> None:
    policy = read(OFFICE, f'hours = ["{text}"]', QUEUE).policy
    assert policy is not None
    assert policy.schedules[0].hours == (hours,)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("weekdays 9-5", 'must be days and a time, such as "mon-fri 09:00-17:30"'),
        ("mon 09:75-10:00", 'holds the time "09:75"'),
        ("mon 20:00-25:00", 'holds the time "25:00"'),
        ("fri 22:00-06:00", 'holds "fri 22:00-06:00", which ends before it begins'),
        ("foo-fri 09:00-10:00", "must be days and a time"),
    ],
)
def test_other_hours_are_refused_with_an_example(text: str, sentence: str) -> None:
    assert f"line 5: schedules[1].hours[1] {sentence}" in problem(OFFICE + f'hours = ["{text}"]')


def test_zones_and_dates_exist() -> None:
    assert "not a known time zone" in problem(OFFICE.replace("Madrid", "Bergen"))
    assert 'must be dates such as "2026-12-25"' in problem(OFFICE + 'holidays = ["25.12.2026"]')


def test_skills_are_needed_at_a_level_or_wished_for() -> None:
    found = queue('skills = ["german", "refunds >= 3", "swiss>=2?"]', before=SKILLS)
    assert found.skills == (
        SkillNeed("german"),
        SkillNeed("refunds", 3),
        SkillNeed("swiss", 2, mandatory=False),
    )


SKILLS = "".join(GERMAN.replace("german", key) for key in ("german", "refunds", "swiss"))


def test_preferences_may_look_back_some_days() -> None:
    found = queue('affinity = ["account_team", "last_agent within 14 days"]')
    assert found.affinity == (
        AffinitySetup(Affinity.ACCOUNT_TEAM),
        AffinitySetup(Affinity.LAST_AGENT, 14),
    )
    for wrong in ("last_agent within 900 days", "account_team within 3 days", "friends"):
        assert "queues[1].affinity[1]" in problem(QUEUE + f'affinity = ["{wrong}"]')


def test_auto_accept_still_takes_true_and_false() -> None:
    assert queue("auto_accept = true").auto_accept is AutoAccept.CARD_AND_TAB
    assert queue("auto_accept = false").auto_accept is AutoAccept.NO
    assert queue('auto_accept = "card"').auto_accept is AutoAccept.CARD
    assert '"no", "card" or "card_and_tab"' in problem(QUEUE + 'auto_accept = "tab"')


def test_pools_have_a_rule_of_their_own() -> None:
    pools = 'pools = [{ after_s = 0 }, { after_s = 60, rule = "last_assigned" }]'
    assert queue(pools).pools == (PoolSetup(), PoolSetup(after_s=60, rule=Rule.LAST_ASSIGNED))


def test_capacity_is_the_agents_own_or_the_groups_or_four() -> None:
    group = '[[groups]]\nkey = "front"\nname = "Front"\ncapacity = 9\n'
    back = '[[groups]]\nkey = "back"\nname = "Back"\n'
    people = [ANA.replace("ana", login) for login in ("ana", "ben", "chi", "dora")]
    people[0] += "capacity = 2\n"
    people[1] += 'groups = ["front"]\n'
    people[2] += 'groups = ["back"]\n'
    policy = read(*people, group, back).policy
    assert policy is not None
    assert [a.capacity for a in policy.agents] == [2, None, 4, 4]


# -- what must fit together ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (QUEUE + 'channel = "chat"', 'line 4: queues[1].channel names the channel "chat"'),
        (QUEUE + 'schedule = "night"', 'names the schedule "night", which does not exist'),
        (QUEUE + 'skills = ["latin"]', 'names the skill "latin", which does not exist'),
        (QUEUE + 'timeout_presence = "tea"', 'names the presence "tea"'),
        (QUEUE + 'timeout_presence = "available"', "in which work is offered"),
        (GERMAN + QUEUE + 'skills = ["german>=9"]', 'has "german" at level 9; it goes from 1 to 5'),
        (GERMAN + QUEUE + 'skills = ["german", "german?"]', 'asks for "german" a second time'),
        (GERMAN + ANA + "skills = { german = 0 }", "line 8: agents[1].skills.german has"),
        (ANA + "skills = { latin = 1 }", 'names the skill "latin"'),
        (ANA + "channel_capacity = { chat = 1 }", 'names the channel "chat"'),
        (ANA + "channel_capacity = { email = -1 }", "use a whole number from 0 to 1000"),
        (
            '[[groups]]\nkey = "a"\nname = "A"\nqueue_orders = { shop = 1 }',
            'line 4: groups[1].queue_orders.shop names the queue "shop"',
        ),
        (
            '[[account_teams]]\naccount = "Fjord"\nagents = ["zoe"]',
            'names the agent "zoe", which does not exist; there are none',
        ),
        (
            '[[reject_reasons]]\nkey = "a"\nlabel = "A"\nchannels = ["sms"]',
            'names the channel "sms"',
        ),
        (
            '[[presences]]\nkey = "a"\nlabel = "A"\nwork = true\ngroups = ["x"]',
            'presences[1].groups names the group "x"',
        ),
        (GERMAN + GERMAN, 'skills[2].key is "german" a second time'),
        (OFFICE + OFFICE, 'schedules[2].key is "office" a second time'),
        ("channels = []", "is empty; remove it for the usual channel, email"),
        (QUEUE + 'sort = ["oldest", "newest"]', "only one of oldest and newest"),
        (QUEUE + "sort = []", "is empty; remove it for the usual order"),
        (QUEUE + 'overflow = "cancel"', "happens after max_wait_s, which is not given"),
        (QUEUE + 'overflow = "move"\nmax_wait_s = 9', "say where to with overflow_queue"),
        (QUEUE + 'overflow_queue = "support"', 'is only for overflow = "move"'),
        (
            QUEUE + 'max_wait_s = 9\noverflow = "move"\noverflow_queue = "support"',
            "is the queue itself; name another one",
        ),
        (
            QUEUE + "condition = 'subjekt contains \"x\"'",
            "line 4: queues[1].condition is wrong at column 1: ",
        ),
        (
            '[[channels]]\nkey = "email"\nname = "E"\ncondition = "priority ="',
            "line 4: channels[1].condition is wrong at column 11: ",
        ),
        (
            '[[work_rules]]\nname = "R"\ncondition = "customer.vip and"',
            "line 3: work_rules[1].condition is wrong at column 17: ",
        ),
        ('[[queue]]\nkey = "a"', "line 1: queue is not a setting. Did you mean queues?"),
        ("[routing]\nramp_s = ", "line 2: is not valid TOML"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    assert sentence in problem(text)


def test_overflow_must_come_to_rest() -> None:
    ring = "".join(
        f'[[queues]]\nkey = "{a}"\nname = "{a}"\nmax_wait_s = 9\noverflow = "move"\n'
        f'overflow_queue = "{b}"\n'
        for a, b in ("ab", "bc", "ca", "da")
    )
    found = problem(ring)
    assert "queues[1].overflow_queue moves work in a circle: a, b, c, a" in found
    assert "queues[4]" not in found


def test_sections_that_are_not_about_routing_are_passed_over() -> None:
    found = read('[desk]\nname = "Desk"\n[database]\nurl = "sqlite:///x.db"\n' + QUEUE)
    assert found.policy is not None
    assert found.skipped == ("desk", "database")


# -- queues that nobody can serve ------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (OFFICE + "hours = []\n" + QUEUE + 'schedule = "office"', '"office" is never open'),
        (QUEUE + "pools = []\npick = false", "it has no pool, and pick = false"),
        (
            ANA + '[[groups]]\nkey = "back"\nname = "B"\n' + QUEUE + 'groups = ["back"]',
            "nobody is in back",
        ),
        (
            GERMAN + ANA + "skills = { german = 1 }\n" + QUEUE + 'skills = ["german>=2"]',
            "nobody in its groups has german at level 2",
        ),
        (ANA + "capacity = 2\n" + QUEUE + "size = 3", "its work takes 3, and nobody"),
        (
            ANA + "channel_capacity = { email = 0 }\n" + QUEUE,
            "its work takes 1, and nobody who could do it has that much capacity",
        ),
        (
            ANA
            + '[[channels]]\nkey = "email"\nname = "E"\n[[channels]]\nkey = "chat"\nname = "C"\n'
            + '[[presences]]\nkey = "available"\nlabel = "A"\nwork = true\nchannels = ["chat"]\n'
            + '[[presences]]\nkey = "away"\nlabel = "A"\nwork = false\n'
            + '[[presences]]\nkey = "offline"\nlabel = "A"\nwork = false\n'
            + QUEUE,
            'no presence takes work of its channel "email"',
        ),
        (
            ANA
            + '[[groups]]\nkey = "back"\nname = "B"\n'
            + '[[presences]]\nkey = "available"\nlabel = "A"\nwork = true\ngroups = ["back"]\n'
            + '[[presences]]\nkey = "away"\nlabel = "A"\nwork = false\n'
            + '[[presences]]\nkey = "offline"\nlabel = "A"\nwork = false\n'
            + QUEUE,
            "nobody who could do it may choose a presence that takes its work",
        ),
    ],
)
def test_a_queue_that_nobody_can_serve_says_why(text: str, reason: str) -> None:
    found = warned(text)
    assert 'queues[1] "support" can be served by nobody: ' in found
    assert reason in found


def test_what_can_be_served_is_not_complained_about() -> None:
    text = GERMAN + ANA + "skills = { german = 2 }\n" + QUEUE + 'skills = ["german>=2"]'
    assert warned(text) == ""
    assert "served by nobody" not in warned(ANA + QUEUE + "pools = []")


def test_a_rule_that_asks_for_what_nobody_has_is_told() -> None:
    rule = '[[work_rules]]\nname = "R"\ncondition = \'subject contains "x"\'\nskills = ["german"]\n'
    assert "asks for german at level 1, which nobody has" in warned(GERMAN + ANA + rule + QUEUE)
