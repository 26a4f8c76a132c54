"""What stands in for the people and services that subscribe to the template's topics."""

from local.aws.names import STACK_NAME
from local.aws.stack import Stack

_MOST = 10


class Inbox:
    """All that is published to a topic from now on, by a queue that is subscribed to it."""

    def __init__(self, stack: Stack, topic: str) -> None:
        """`topic` is the topic's logical id."""
        self._sqs = stack.sqs
        name = f"{STACK_NAME}-inbox-of-{stack.template.names.name(topic)}"
        self._url = stack.sqs.create_queue(QueueName=name)["QueueUrl"]
        attributes = stack.sqs.get_queue_attributes(QueueUrl=self._url, AttributeNames=["QueueArn"])
        stack.sns.subscribe(
            TopicArn=stack.ref(topic),
            Protocol="sqs",
            Endpoint=attributes["Attributes"]["QueueArn"],
            Attributes={"RawMessageDelivery": "true"},
        )

    def take(self) -> list[str]:
        """The messages that came since it was last asked, in no certain order."""
        bodies: list[str] = []
        while received := self._sqs.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=_MOST, WaitTimeSeconds=0
        ).get("Messages", []):
            for message in received:
                bodies.append(message["Body"])
                self._sqs.delete_message(QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"])
        return bodies
