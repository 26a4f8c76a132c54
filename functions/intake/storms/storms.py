"""What taking in an alarm asks of storms: what is near, and that somebody sees to members that come late."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from intake.observation import Place
from intake.storms.nearby import Nearby
from intake.storms.quiet import QuietTimer


@dataclass(frozen=True)
class Storms:
    """The collaborators."""

    nearby: Nearby
    timer: QuietTimer

    def near(self, place: Place) -> frozenset[str]:
        """The subjects next to the place's own. Never raises."""
        return self.nearby.of(place.subject)

    def will_be_joined(self, head: Mapping[str, Any]) -> None:
        """Called before an alarm joins that the diagnosis of this head does not know of."""
        self.timer.start(head)
