"""Pages that have no ticket to show, and say why and what to do."""

from board.drawing.frame import Frame
from board.request import Request
from rendering.html import Content, Html, tag


def broken(request: Request, endpoint: str) -> Html:
    """Something failed that is not the viewer's doing."""
    written = (
        "Whether the button's write was made is not known; a second press does no harm."
        if request.action
        else "Nothing was changed."
    )
    again = {name: getattr(request, name) for name in ("view", "ticket_id", "state", "severity")}
    frame = Frame(request, endpoint, 0.0)
    return _notice(
        frame,
        "The board cannot be shown just now",
        tag("p", f"AWS or the stack is in trouble. {written}", role="alert", class_="dx-note dx-bad"),
        tag(
            "p",
            "Try again in a minute. If it stays so: the log of the board's function says more, and "
            "docs/operations.md has a paragraph, \u201cBoard not shown\u201d.",
        ),
        frame.call(
            "Try again", kind="btn dx-first", **{name: value for name, value in again.items() if value}
        ),
    )


def not_understood(why: str, endpoint: str) -> Html:
    """The widget's parameters or a button's are none that the board knows."""
    frame = Frame(Request(), endpoint, 0.0)
    return _notice(
        frame,
        "This page does not exist",
        tag("p", why, role="alert", class_="dx-note dx-warn"),
        tag("p", "Look at the widget's parameters: its description says which there are."),
        frame.to_list(),
    )


def gone(frame: Frame, ticket_id: str, said: str) -> Html:
    """There is no such ticket, or none any more."""
    return _notice(
        frame,
        "No such ticket",
        tag("p", said, role="status", class_="dx-note dx-warn") if said else None,
        tag(
            "p", f"There is no ticket {ticket_id}: it was deleted, or the id is another stack's.", dir="auto"
        ),
        frame.to_list(),
    )


def _notice(frame: Frame, title: str, *content: Content) -> Html:
    return frame.page(title, tag("h2", title), *content)
