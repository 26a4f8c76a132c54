"""The stand-in's rules for the short question about a known cause."""

import pytest

from local.claude.known_cause import derive_holds

STEPS = "step 1 (M1, L2): db -> api: it waits\nstep 2 (L2): api -> shop: it fails\n\n## Today\n"
SEEN = "[M1] waits DEVIATES up: baseline 1, now 132\n[L2] 09:00:12 api ERROR timed out"


def test_each_step_is_seen_again_if_each_of_its_items_is_there() -> None:
    found = derive_holds(STEPS + SEEN)

    assert found["verdict"] == "holds"
    assert [(each["step"], each["ids"], each["seen"]) for each in found["steps"]] == [
        (1, ["M1", "L2"], "yes"),
        (2, ["L2"], "yes"),
    ]
    assert found["steps"][1]["shows"] == "Stand-in: 09:00:12 api ERROR timed out"


@pytest.mark.parametrize(
    ("today", "verdict"),
    [
        (SEEN.partition("\n")[0], "does_not_hold"),
        (SEEN.replace("now 132", "back since 09:10, now 1"), "does_not_hold"),
        (SEEN.replace("waits DEVIATES up: baseline 1, now 132", "no departure: waits 1"), "does_not_hold"),
    ],
)
def test_what_is_missing_or_over_is_not_seen(today: str, verdict: str) -> None:
    assert derive_holds(STEPS + today)["verdict"] == verdict


def test_without_steps_it_cannot_tell() -> None:
    assert derive_holds(SEEN) == {"verdict": "cannot_tell", "steps": []}


def test_no_figure_is_cut_in_two() -> None:
    long = "[M1] waits DEVIATES up: " + ", ".join(f"{n} at {n}00" for n in range(100, 140))

    shown = derive_holds(STEPS + long + "\n[L2] x")["steps"][0]["shows"]
    assert len(shown) < 130
    assert long[5:].startswith(shown.removeprefix("Stand-in: "))
    assert long[5 + len(shown.removeprefix("Stand-in: "))] in ", "
