"""The end of every story: Claude is well, nobody meddles, time moves on, and everything is delivered."""

from collections.abc import Callable

from sweep.due import FORGOTTEN_SECONDS
from tests.integration.state_machine.fake_claude import NEVER_ANSWERED, Mood, nature_in
from tests.integration.state_machine.promises import Item
from tests.integration.state_machine.world import World
from tickets.moments import moment
from tickets.states import DiagnosisStatus

ROUNDS = 60
LEAST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 60.0, 24 * 3600.0
MOST_CLAIMS = 12
"""A ticket may be put off, wait its turn, and come back for a person, but not for ever."""
MOST_ROUNDS = 40
KEPT_SECONDS = 13 * 86_400.0
"""A dead letter is kept for 14 days; the clock may have been set meanwhile."""


def deliver_all(world: World) -> None:
    """Delivers until nothing moves without time passing."""
    for _ in range(MOST_ROUNDS):
        delivered = sum(world.deliver(ticket_id) for ticket_id in world.waiting)
        if not (delivered or world.deliver_messages() or world.sweep()):
            return
    raise AssertionError("it does not get quiet although no time passes")


def settle(world: World) -> None:
    """Raises AssertionError when an owed ticket does not finish, or when it never gets quiet.

    Tickets that are never answered hold up no other; when what they met is over, they are diagnosed too.
    """
    world.claude.mood = Mood.WELL
    world.promises.claims.clear()
    _go_on(world, lambda item: nature_in(str(item.get("message"))) in NEVER_ANSWERED)
    world.claude.mended = True
    _go_on(world, lambda _item: False)
    storms = {id_: times for id_, times in world.promises.claims.items() if times > MOST_CLAIMS}
    assert not storms, f"claimed again and again: {storms}"
    _is_quiet(world)
    _failed_have_dead_letters(world)


def _go_on(world: World, may_wait: Callable[[Item], bool]) -> None:
    """Lets time pass until no ticket is owed a diagnosis but those that may wait for it."""
    pause = LEAST_PAUSE_SECONDS
    for _ in range(ROUNDS):
        deliver_all(world)
        owed = [item for item in world.promises.owed().values() if not may_wait(item)]
        if not owed:
            return
        pause = min(1.3 * pause, LONGEST_PAUSE_SECONDS)
        world.clock.advance(max(pause, min(map(_due_at, owed)) - world.clock.now()))
    raise AssertionError("never diagnosed")


def _due_at(item: Item) -> float:
    """When the ticket may go on (epoch seconds), as far as it shows."""
    if "noticed_at" in item:
        return float(item["noticed_at"]) + FORGOTTEN_SECONDS + 1.0
    return float(item.get("lease_until", item.get("not_before", 0))) + 1.0


def _is_quiet(world: World) -> None:
    """Nothing goes on when nothing is owed."""
    world.clock.advance(LONGEST_PAUSE_SECONDS)
    deliver_all(world)
    claims, answers = dict(world.promises.claims), world.claude.answered
    world.clock.advance(LONGEST_PAUSE_SECONDS)
    assert not world.deliver_messages(), "messages go round for ever"
    deliver_all(world)
    assert (claims, answers) == (world.promises.claims, world.claude.answered), "it goes on"


def _failed_have_dead_letters(world: World) -> None:
    """Unless a person has redriven the letter, and it found the ticket otherwise; or it has grown too old."""
    letters = world.dead_letters() | world.redriven
    for ticket_id, item in world.promises.items.items():
        if item.get("diagnosis_status") == DiagnosisStatus.FAILED:
            at = moment(item["diagnosis_error"]["at"]).timestamp()
            is_kept = (ticket_id, item["generation"]) in letters
            assert is_kept or world.clock.now() - at > KEPT_SECONDS, (
                f"{ticket_id} failed and has no dead letter"
            )
