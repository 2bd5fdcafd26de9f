"""Whatever agents, customers and time do: promises of the core that hold after every step."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from agentdesk.domain.clock import ManualClock
from agentdesk.sandbox import seeding
from agentdesk.sandbox.centre import PRESENCES, TRANSFER_TIMEOUT_S, Centre, Letter
from agentdesk.sandbox.keeping import ONE, SMALL
from agentdesk.sandbox.model import TIMEOUT_CODE, Conversation, Participant, WrapUp
from agentdesk.sandbox.refusals import Refused

AGENTS = [seeding.key_of(1, "agent", name) for name in seeding.AGENTS]
QUEUES = [seeding.key_of(1, "queue", name) for name in seeding.QUEUES]
CODES = [seeding.key_of(1, "code", name) for name in seeding.CODES]
PICK = st.integers(0, 50)


class CentreMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock()
        self.centre = Centre(seeding.office(1), {}, self.clock.now())
        self.discharged: dict[str, int] = {}

    def parts(self, *states: str) -> list[tuple[Conversation, Participant]]:
        return [
            (c, p)
            for c in self.centre.conversations.values()
            for p in c.participants
            if p.purpose == "agent" and (not states or p.state in states)
        ]

    def one(self, pick: int, *states: str) -> tuple[Conversation, Participant]:
        found = self.parts(*states)
        return found[pick % len(found)]

    @rule(queue=st.sampled_from(QUEUES), priority=st.integers(0, 2))
    def a_mail_comes(self, queue: str, priority: int) -> None:
        self.centre.create(Letter(queue, "agentdesk", priority=priority))

    @rule(agent=st.sampled_from(AGENTS), presence=st.sampled_from([*PRESENCES, *["OnQueue"] * 6]))
    def presence(self, agent: str, presence: str) -> None:
        self.centre.set_presence(self.centre.agent(agent), presence)

    @precondition(lambda self: self.parts("alerting"))
    @rule(pick=PICK)
    def accept(self, pick: int) -> None:
        conversation, participant = self.one(pick, "alerting")
        self.centre.connect(conversation, participant)
        assert participant.state == "connected"

    @precondition(lambda self: self.parts())
    @rule(pick=PICK)
    def disconnect(self, pick: int) -> None:
        conversation, participant = self.one(pick)
        self.centre.disconnect(conversation, participant)

    @precondition(lambda self: self.parts("connected", "parked"))
    @rule(pick=PICK, minutes=st.none() | st.integers(1, 5))
    def park(self, pick: int, minutes: int | None) -> None:
        conversation, participant = self.one(pick, "connected", "parked")
        resume = self.centre.now + timedelta(minutes=minutes) if minutes else None
        self.centre.park(conversation, participant, resume)

    @precondition(lambda self: self.parts("parked"))
    @rule(pick=PICK)
    def unpark(self, pick: int) -> None:
        conversation, participant = self.one(pick, "parked")
        room = self.centre.has_room(self.centre.agent(participant.agent or ""))
        try:
            self.centre.unpark(conversation, participant)
            assert room
        except Refused:
            assert not room

    @precondition(lambda self: self.centre.conversations)
    @rule(pick=PICK)
    def the_customer_writes_again(self, pick: int) -> None:
        every = list(self.centre.conversations.values())
        self.centre.reply(every[pick % len(every)], Letter("", "agentdesk"))

    @precondition(lambda self: self.parts("connected", "disconnected"))
    @rule(pick=PICK, code=st.sampled_from(CODES), provisional=st.booleans())
    def wrap_up(self, pick: int, code: str, provisional: bool) -> None:
        conversation, participant = self.one(pick, "connected", "disconnected")
        owed = participant.owes
        try:
            self.centre.wrap_up(conversation, participant, WrapUp(code, provisional=provisional))
        except Refused:
            assert participant.connected is None
            return
        if owed and not participant.owes:
            self.discharged[participant.id] = self.discharged.get(participant.id, 0) + 1

    @precondition(lambda self: self.parts("connected"))
    @rule(pick=PICK, goal=st.sampled_from(AGENTS + QUEUES), lost=st.booleans())
    def transfer(self, pick: int, goal: str, lost: bool) -> None:
        conversation, participant = self.one(pick, "connected")
        agent = self.centre.agent(participant.agent or "")
        self.centre.office.transfers_to_lose = int(lost)
        send = self.centre.transfer_to_queue if goal in QUEUES else self.centre.transfer_to_agent
        try:
            send(agent, conversation, participant, goal)
        except Refused:
            assert goal in AGENTS
            assert participant.state == "connected"

    @rule(seconds=st.sampled_from([0.1, 1, 29, 31, 90, 600]))
    def time_passes(self, seconds: float) -> None:
        owing = [p for _, p in self.parts() if p.owes]
        self.centre.tick(self.clock.turn(seconds))
        for participant in owing:
            if not participant.owes:
                self.discharged[participant.id] = self.discharged.get(participant.id, 0) + 1

    @invariant()
    def nobody_is_over_utilization(self) -> None:
        for agent in self.centre.office.agents.values():
            busy = [p for _, p in self.parts("alerting", "connected") if p.agent == agent.id]
            assert len(busy) == self.centre.load(agent.id) <= agent.capacity

    @invariant()
    def a_conversation_is_at_one_place_at_most(self) -> None:
        for conversation in self.centre.conversations.values():
            live = [p for p in conversation.participants if p.state != "disconnected"]
            agents = [p for p in live if p.purpose == "agent"]
            waiting = [p for p in live if p.purpose == "acd"]
            on_its_way = [t for t in conversation.transfers if t.outcome == "Pending"]
            held = [p for p in agents if p.state in ("connected", "parked")]
            assert len(agents) <= 1
            assert len(waiting) <= 1
            assert len(on_its_way) <= 1
            if conversation.ended:
                assert not live
            else:
                places = len(held) + len(waiting) + len(on_its_way)
                assert places == 1, "neither lost nor in two hands"

    @invariant()
    def a_transfer_ends_in_time(self) -> None:
        longest = timedelta(seconds=TRANSFER_TIMEOUT_S + 1)
        for conversation in self.centre.conversations.values():
            for transfer in conversation.transfers:
                if transfer.outcome == "Pending":
                    assert self.centre.now - transfer.issued <= longest

    @invariant()
    def a_code_is_owed_once_and_only_after_work(self) -> None:
        assert all(count == 1 for count in self.discharged.values())
        for _, participant in self.parts():
            if participant.owes:
                assert participant.connected
                assert participant.state == "disconnected"
                assert participant.acw_until
            elif participant.acw_ended and participant.wrapup is not None:
                assert participant.wrapup.code in (*CODES, TIMEOUT_CODE)

    @invariant()
    def what_is_kept_is_what_there_is(self) -> None:
        for conversation in self.centre.conversations.values():
            assert ONE.validate_json(ONE.dump_json(conversation)) == conversation
        office = SMALL["office"]
        kept = office.validate_json(office.dump_json(self.centre.office))
        assert kept == self.centre.office
        again = Centre(kept, dict(self.centre.conversations), self.centre.now)
        assert (again.waiting, again.resuming) == (self.centre.waiting, self.centre.resuming)
        assert again.next_due() == self.centre.next_due()

    def teardown(self) -> None:
        """After quiet nothing is on its way and nothing alerts for ever."""
        for agent in self.centre.office.agents.values():
            self.centre.set_presence(agent, "Away")
        self.centre.tick(self.clock.turn(3_600))
        assert not self.parts("alerting")
        for conversation in self.centre.conversations.values():
            assert all(t.outcome != "Pending" for t in conversation.transfers)
            assert not any(p.owes for p in conversation.participants)


TestCentreMachine = CentreMachine.TestCase
TestCentreMachine.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)


def test_the_same_history_makes_the_same_ids() -> None:
    made = []
    for _ in range(2):
        centre = Centre(seeding.office(7), {}, ManualClock().now())
        queue = next(iter(centre.office.queues))
        made.append(centre.create(Letter(queue, "agentdesk")))
    assert made[0] == made[1]


def test_a_long_night_plays_out_in_the_order_of_its_moments() -> None:
    clock = ManualClock()
    centre = Centre(seeding.office(1), {}, clock.now())
    for agent in centre.office.agents.values():
        centre.set_presence(agent, "OnQueue")
    waiting = centre.create(Letter(QUEUES[0], "agentdesk"))
    centre.tick(clock.turn(3_600))
    offers = [p for p in waiting.participants if p.agent]
    assert {p.agent for p in offers} == set(AGENTS)
    assert [(p.ended - p.started).total_seconds() for p in offers if p.ended] == [30] * 4
    assert all(a.routing == "NOT_RESPONDING" for a in centre.office.agents.values())


def test_who_has_been_idle_longest_is_asked_first() -> None:
    clock = ManualClock()
    centre = Centre(seeding.office(1), {}, clock.now())
    for agent in reversed(AGENTS):
        centre.tick(clock.turn(10))
        centre.set_presence(centre.agent(agent), "OnQueue")
    mails = [centre.create(Letter(QUEUES[0], "agentdesk")) for _ in AGENTS]
    asked = [p.agent for mail in mails for p in mail.participants if p.agent]
    assert asked == list(reversed(AGENTS))


def test_urgent_mail_is_offered_before_older_mail() -> None:
    clock = ManualClock()
    centre = Centre(seeding.office(1), {}, clock.now())
    calm = centre.create(Letter(QUEUES[0], "agentdesk"))
    centre.tick(clock.turn(5))
    urgent = centre.create(Letter(QUEUES[0], "agentdesk", priority=9))
    centre.set_presence(centre.agent(AGENTS[3]), "OnQueue")
    assert [p.agent for p in urgent.participants if p.agent] == [AGENTS[3]]
    assert not [p for p in calm.participants if p.agent]
