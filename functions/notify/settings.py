"""What the environment tells the notify function."""

from typing import Literal

from runtime.settings import Settings


class NotifySettings(Settings):
    """Where messages go, ARNs of topics, "" for none; from which severity and verdict on people are told."""

    event_bus: str
    message_topic: str = ""
    chat_topic: str = ""
    teams_topic: str = ""
    notify_from_severity: Literal["", "info", "warning", "error", "critical"] = ""
    notify_from_verdict: Literal["", "no_action", "inconclusive", "action_suggested", "action_required"] = ""
    stack_name: str = ""
    aws_region: str = ""
