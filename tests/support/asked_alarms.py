"""What CloudWatch answers intake of alarms: moto has neither mute rules nor tags of alarms in events."""

from collections.abc import Mapping

from botocore.exceptions import ClientError


class AskedAlarms:
    """Tags and mute rules by the alarms' names; `refuses` is a code of an error that it answers instead."""

    def __init__(self) -> None:
        self.tags: dict[str, Mapping[str, str]] = {}
        self.muted: set[str] = set()
        self.refuses = ""

    def tags_of(self, alarm: str) -> Mapping[str, str] | None:
        if self.refuses:
            raise ClientError({"Error": {"Code": self.refuses, "Message": "later"}}, "ListTagsForResource")
        return self.tags.get(alarm.rsplit(":", 1)[1], {})

    def is_muted(self, alarm: str) -> bool:
        return alarm.rsplit(":", 1)[1] in self.muted
