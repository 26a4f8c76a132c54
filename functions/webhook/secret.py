"""The secret of the door, from Secrets Manager, kept for a while."""

from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from runtime.clock import Clock
from runtime.observability import logger
from webhook.credentials import Secrets, read_secrets

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

KEEP_SECONDS = 300
REREAD_SECONDS = 60
"""A credential that is not known may be that of a rotation; whoever guesses may not have us ask each time."""


class DoorSecret:
    """Reads the secret when it is first asked for, every few minutes, and when a rotation is likely."""

    def __init__(self, client: "SecretsManagerClient", secret_id: str, clock: Clock) -> None:
        self._client = client
        self._secret_id = secret_id
        self._clock = clock
        self._kept: Secrets | None = None
        self._asked_at = float("-inf")

    def read(self) -> Secrets:
        """The secrets. Raises BadSecretError, or botocore's errors when there is nothing to fall back on."""
        if self._kept is None:
            return self._read()
        if self._clock.now() - self._asked_at >= KEEP_SECONDS:
            try:
                return self._read()
            except (BotoCoreError, ClientError):
                logger.exception("the secret could not be read again: the one before it goes on")
        return self._kept

    def reread(self) -> Secrets | None:
        """The secrets as they are now; None when they were asked for within the last minute."""
        return self._read() if self._clock.now() - self._asked_at >= REREAD_SECONDS else None

    def _read(self) -> Secrets:
        self._asked_at = self._clock.now()
        value = self._client.get_secret_value(SecretId=self._secret_id).get("SecretString", "")
        self._kept = read_secrets(value)
        return self._kept
