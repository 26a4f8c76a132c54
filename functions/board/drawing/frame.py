"""What all pages have: the style, the theme, and elements that a click makes call the board again."""

import json
from dataclasses import dataclass
from typing import Any

from board.drawing.style import STYLE
from board.request import Request
from rendering.html import Content, Html, joined, tag
from rendering.words import one_line

IN_JSON = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})
"""So nothing in a parameter needs an entity, whether CloudWatch reads it as text or as markup."""


def seen(name: str | None) -> str:
    """A name that can be pressed, whatever it consists of."""
    return name if name and one_line(name) else "(hidden characters)"


@dataclass(frozen=True)
class Frame:
    """What a page is made for; `endpoint` is the board's own ARN, `now` epoch seconds."""

    request: Request
    endpoint: str
    now: float

    @property
    def width(self) -> int:
        """Of a picture, in the units in which its letters have the size of those of the page."""
        return 340 if self.request.is_narrow else 720

    def page(self, title: str, *content: Content) -> Html:
        """The whole answer: one region with a name, which holds headings from level 2 on."""
        themes = {"dx": True, "dx-dark": self.request.is_dark, "dx-narrow": self.request.is_narrow}
        classes = " ".join([name for name, holds in themes.items() if holds])
        # The last class switches CloudWatch's own style of tables and buttons off.
        return joined(
            tag("style", STYLE),
            tag("section", *content, class_=f"{classes} cwdb-no-default-styles", aria_label=title),
        )

    def call(
        self, label: Content, what: str = "", *, kind: str = "btn", confirmation: str = "", **payload: Any
    ) -> Html:
        """A button that has the widget show another page, after a question where there is one.

        It is a `button`, which a keyboard reaches and presses; CloudWatch binds the action to whatever
        element stands before it. `what` names it where its label alone would not.
        """
        written = json.dumps({name: value for name, value in payload.items() if value is not None})
        return joined(
            tag("button", label, type="button", class_=kind, aria_label=what or None),
            tag(
                "cwdb-action",
                Html(written.translate(IN_JSON)),
                action="call",
                display="widget",
                endpoint=self.endpoint,
                confirmation=confirmation or None,
            ),
        )

    def to_list(self, label: str = "All tickets", **payload: Any) -> Html:
        """To the list, chosen as it was."""
        request = self.request
        chosen = {"state": request.state, "severity": request.severity} | payload
        return self.call(label, view="list", **chosen)

    def to_ticket(self, label: Content, ticket_id: str, what: str = "", kind: str = "dx-open btn") -> Html:
        request = self.request
        return self.call(
            label if isinstance(label, Html) else seen(label),
            what,
            kind=kind,
            view="ticket",
            ticket_id=ticket_id,
            state=request.state or None,
            severity=request.severity or None,
        )
