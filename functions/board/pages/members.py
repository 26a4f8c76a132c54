"""The members of an incident: each a ticket of its own, told here as the index shows it."""

from collections.abc import Mapping
from typing import Any

from board.drawing.frame import Frame
from board.drawing.moments import offset, when
from board.pages.section import section, table
from rendering.html import Html, tag
from rendering.room import Room


def members_of(frame: Frame, facts: Mapping[str, Any], room: Room, *, is_whole: bool) -> Html | None:
    """In order of their onsets; nothing for a ticket that is no incident."""
    members = facts["members"]
    return (
        section(
            f"Members of this incident: {len(members):,}{'' if is_whole else ' or more'}",
            table(
                "Members of this incident",
                ("Ticket", "Joined", "State", "What"),
                members,
                lambda each: (
                    frame.to_ticket(room.text(each["ticket_id"]), each["ticket_id"]),
                    offset(each["offset_seconds"]) or when(each["at"]),
                    each["status"],
                    " · ".join(filter(None, (each["subject"] or each["component"], each["invariant_name"]))),
                ),
                room,
            ),
            None if is_whole else tag("p", f"Only {len(members)} were read.", class_="dx-muted"),
        )
        if members
        else None
    )
