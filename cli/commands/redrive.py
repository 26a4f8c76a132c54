"""`differential redrive`."""

import click

from cli.options import Session, asks_first, confirm, with_session


@click.command()
@asks_first
@with_session
def command(session: Session, *, yes: bool) -> None:
    """Bring the failed tickets back that the dead-letter queue names: each is paid for once more."""
    deployment = session.deployment
    sqs = deployment.client("sqs")
    asked = sqs.get_queue_attributes(
        QueueUrl=deployment.output("DeadLetterQueueUrl"), AttributeNames=["ApproximateNumberOfMessages"]
    )
    waiting = int(asked["Attributes"]["ApproximateNumberOfMessages"])
    if waiting:
        confirm(f"Have about {waiting} failed tickets diagnosed again?", yes=yes)
        sqs.start_message_move_task(
            SourceArn=deployment.output("DeadLetterQueueArn"),
            DestinationArn=deployment.output("RetryQueueArn"),
        )
    if session.screen.is_json:
        session.screen.data({"redriven": waiting})
    else:
        session.screen.line(
            f"About {waiting} are on their way back." if waiting else "There are no dead letters."
        )
