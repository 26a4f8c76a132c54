"""The credentials of the function's role, which sign a request where no key opens the way to Claude."""

import boto3
from botocore.credentials import ReadOnlyCredentials
from botocore.exceptions import BotoCoreError

from diagnose.claude.errors import AccountError


class AwsCredentials:
    """Finds them where boto3 does, and keeps where that was.

    They are handed to the SDK rather than left to it to find: what it raises when there are none has no type
    of its own, and a key in the environment would be taken in their place.
    """

    def __init__(self) -> None:
        self._session: boto3.Session | None = None

    def read(self, *, fresh: bool = False) -> ReadOnlyCredentials:
        """As they are now. Raises AccountError when there are none, or none that can be used."""
        try:
            if fresh or self._session is None:
                self._session = boto3.Session()
            found = self._session.get_credentials()
            credentials = found.get_frozen_credentials() if found else None
        except BotoCoreError as error:
            raise AccountError(f"the AWS credentials cannot be read: {error}") from error
        if credentials is None:
            raise AccountError("there are no AWS credentials")
        return credentials
