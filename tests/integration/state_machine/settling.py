"""The end of every story: Claude is well, nobody meddles, time moves on, and everything is delivered."""

from sweep.sweep_tickets import FORGOTTEN_MARGIN_SECONDS
from tests.integration.state_machine.fake_claude import Mood, Nature, nature_in
from tests.integration.state_machine.promises import RECORD_AGE_SECONDS, Item
from tests.integration.state_machine.world import World
from tickets.states import DiagnosisStatus

ROUNDS = 60
LEAST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 60.0, 24 * 3600.0
MOST_CLAIMS = 12
"""A ticket may be put off, wait its turn, and come back for a person, but not for ever."""
MOST_ROUNDS = 40
BLAMED = (Nature.SLOW, Nature.DEADLY)
BYSTANDER = "bystander"


def deliver_all(world: World) -> None:
    """Delivers until nothing moves without time passing."""
    for _ in range(MOST_ROUNDS):
        delivered = sum(world.deliver(ticket_id) for ticket_id in world.waiting)
        if not (delivered or world.deliver_messages() or world.sweep()):
            return
    raise AssertionError("it does not get quiet although no time passes")


def settle(world: World) -> None:
    """Raises AssertionError when an owed ticket does not finish, or when it never gets quiet."""
    world.claude.mood = Mood.WELL
    world.promises.claims.clear()
    pause = LEAST_PAUSE_SECONDS
    for _ in range(ROUNDS):
        deliver_all(world)
        owed = world.promises.owed()
        if not owed:
            break
        if any(nature_in(str(item.get("message"))) in BLAMED for item in owed.values()):
            _let_another_be_answered(world)
        pause = min(1.3 * pause, LONGEST_PAUSE_SECONDS)
        next_due = min(_due_at(item) for item in owed.values())
        world.clock.advance(max(pause, next_due - world.clock.now()))
    assert not world.promises.owed(), "never diagnosed"
    storms = {
        id_: times for id_, times in world.promises.claims.items() if times > MOST_CLAIMS and id_ != BYSTANDER
    }
    assert not storms, f"claimed again and again: {storms}"
    _is_quiet(world)
    _failed_have_dead_letters(world)


def _let_another_be_answered(world: World) -> None:
    """Only when others are answered does a time-out or a crash count against a ticket."""
    world.produce("delete", BYSTANDER)
    world.produce("create", BYSTANDER)
    deliver_all(world)


def _due_at(item: Item) -> float:
    """When the ticket may go on (epoch seconds), as far as it shows."""
    if "noticed_at" in item:
        return float(item["noticed_at"]) + RECORD_AGE_SECONDS + FORGOTTEN_MARGIN_SECONDS + 1.0
    return float(item.get("lease_until", item.get("not_before", 0))) + 1.0


def _is_quiet(world: World) -> None:
    """Nothing goes on when nothing is owed."""
    world.clock.advance(LONGEST_PAUSE_SECONDS)
    deliver_all(world)
    claims, answers = dict(world.promises.claims), len(world.claude.answered_at)
    world.clock.advance(LONGEST_PAUSE_SECONDS)
    assert not world.deliver_messages(), "messages go round for ever"
    deliver_all(world)
    assert (claims, answers) == (world.promises.claims, len(world.claude.answered_at)), "it goes on"


def _failed_have_dead_letters(world: World) -> None:
    """Unless a person has redriven the letter, and it found the ticket otherwise."""
    letters = world.dead_letters() | world.redriven
    for ticket_id, item in world.promises.items.items():
        if item.get("diagnosis_status") == DiagnosisStatus.FAILED:
            assert (ticket_id, item["generation"]) in letters, f"{ticket_id} failed and has no dead letter"
