"""The API key, from Secrets Manager, kept for a while and dropped when Claude does not accept it."""

import json

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError
from botocore.exceptions import ClientError

from diagnose.claude.errors import AccountError

KEEP_SECONDS = 300
ABSENT = (
    "ResourceNotFoundException",
    "AccessDeniedException",
    "InvalidRequestException",
    "DecryptionFailure",
)


class ApiKey:
    """Reads the secret: the key alone, or a JSON object with `api_key`."""

    def __init__(self, secrets: SecretsProvider, secret_id: str) -> None:
        self._secrets = secrets
        self._secret_id = secret_id

    def read(self, *, fresh: bool = False) -> str:
        """The key. Raises AccountError when the secret is missing, empty, malformed or not ours to read."""
        try:
            value = self._secrets.get(self._secret_id, max_age=KEEP_SECONDS, force_fetch=fresh)
        except GetParameterError as error:
            cause = error.__cause__ or error.__context__
            if isinstance(cause, ClientError) and cause.response["Error"]["Code"] in ABSENT:
                raise AccountError(f"secret {self._secret_id} cannot be read: {error}") from error
            raise  # Secrets Manager, or the way to it, is in trouble: not a matter of the account
        return self._key_in(value)

    def _key_in(self, value: object) -> str:
        if isinstance(value, str) and value.strip().startswith("{"):
            try:
                value = json.loads(value).get("api_key")
            except ValueError as error:
                raise AccountError(
                    f"secret {self._secret_id} is neither a key nor JSON with api_key"
                ) from error
        key = value.strip() if isinstance(value, str) else ""
        if not key or not key.isascii() or not key.isprintable() or " " in key:
            raise AccountError(f"secret {self._secret_id} holds no usable api_key")
        return key
