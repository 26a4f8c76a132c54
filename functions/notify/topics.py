"""The topics in SNS that messages go out by."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from notify.messages.chat import notification
from notify.messages.mail import body_of, subject_of
from notify.messages.message import Message
from rendering.slack import slack
from rendering.teams import teams


@dataclass(frozen=True)
class Topics:
    """The topics by their ARNs, "" for none: plain text for mail, notifications for Slack and for Teams."""

    client: Any
    mail: str
    slack: str
    teams: str

    def ways(self, message: Message) -> Iterator[tuple[str, Callable[[], object]]]:
        """Each way that the message goes by, with what sends it; sending raises what botocore raises."""
        if self.mail:
            yield (
                "mail",
                lambda: self.client.publish(
                    TopicArn=self.mail, Subject=subject_of(message), Message=body_of(message)
                ),
            )
        if self.slack:
            yield (
                "slack",
                lambda: self.client.publish(TopicArn=self.slack, Message=notification(message, slack)),
            )
        if self.teams:
            yield (
                "teams",
                lambda: self.client.publish(TopicArn=self.teams, Message=notification(message, teams)),
            )
