"""What the chat shows: the notifications that Amazon Q Developer would post, with the buttons below them."""

import json
from dataclasses import dataclass
from typing import Any

from local.aws.stack import Stack
from local.aws.topics import Inbox

BUTTONS = "AWS::Chatbot::CustomAction"


@dataclass(frozen=True)
class ChatMessage:
    """A notification: what stands in it, and the thread that it is posted to."""

    title: str
    text: str
    next_steps: tuple[str, ...]
    thread: str

    @classmethod
    def read(cls, body: str) -> "ChatMessage":
        """Of a custom notification's JSON."""
        value: dict[str, Any] = json.loads(body)
        content = value["content"]
        return cls(
            content["title"],
            content["description"],
            tuple(content.get("nextSteps", [])),
            value["metadata"]["threadId"],
        )

    def lines(self) -> list[str]:
        """As a person reads it, in Slack's Markdown."""
        steps = ["", "Next steps", *(f"  - {step}" for step in self.next_steps)] if self.next_steps else []
        return [self.title, "", *self.text.splitlines(), *steps]


class Chat:
    """The channel: all messages since it was opened, in the order in which they were looked at."""

    def __init__(self, stack: Stack) -> None:
        self._inbox = Inbox(stack, "ChatTopic")
        self._messages: list[ChatMessage] = []

    def messages(self) -> list[ChatMessage]:
        self._messages += [ChatMessage.read(body) for body in self._inbox.take()]
        return list(self._messages)

    def in_thread(self, word: str) -> list[ChatMessage]:
        """Those whose thread has `word` in its name, such as a ticket's id."""
        return [message for message in self.messages() if word in message.thread]
