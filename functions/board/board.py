"""The use case: a button's press is written, then the page that is asked for is made of what is stored."""

from dataclasses import dataclass

from board.drawing.frame import Frame
from board.pages.listing import list_page
from board.pages.notice import gone
from board.pages.report import report_page
from board.pages.ticket import ticket_page
from board.press import press
from board.request import Request, View
from board.tickets import Tickets
from rendering.links import to_ticket
from runtime.clock import Clock
from tickets.people import Outcome, People
from views.listing import Choice


@dataclass(frozen=True)
class Answer:
    """A page, and what came of the button's press that it follows, if it follows one."""

    page: str
    outcome: Outcome | None = None


@dataclass(frozen=True)
class Board:
    """The collaborators; `region` and `table` name what links into the console lead to."""

    tickets: Tickets
    people: People
    clock: Clock
    region: str
    table: str

    def answer(self, request: Request, endpoint: str) -> Answer:
        """Raises botocore's errors when AWS is in trouble."""
        frame = Frame(request, endpoint, self.clock.now())
        if request.ticket_id is None:
            return Answer(self._list(frame))
        outcome, said = None, ""
        if request.action:
            outcome, said = press(self.people, request.ticket_id, request.action, request)
        return Answer(self._ticket(frame, request.ticket_id, said, outcome), outcome)

    def _list(self, frame: Frame) -> str:
        request = frame.request
        choice = Choice(states=(request.state,) if request.state else (), severity=request.severity)
        items, is_whole = self.tickets.listed(choice.statuses)
        return list_page(frame, items, choice, is_whole=is_whole)

    def _ticket(self, frame: Frame, ticket_id: str, said: str, outcome: Outcome | None) -> str:
        item = self.tickets.get(ticket_id)
        if item is None:
            return gone(frame, ticket_id, said)
        members, is_whole = self.tickets.members(ticket_id)
        if frame.request.view is View.REPORT and not frame.request.action:
            return report_page(frame, item, members)
        link = to_ticket(self.region, self.table, ticket_id)
        return ticket_page(frame, item, members, said=said, outcome=outcome, link=link, is_whole=is_whole)
