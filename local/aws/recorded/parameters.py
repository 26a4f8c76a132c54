"""Systems Manager's parameters as they are listed, without their values. moto's take a second to begin."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from local.aws.api.errors import ApiError
from local.aws.names import ACCOUNT, REGION
from local.aws.recorded.paging import page, with_token

_MOST_RESULTS = 50


class Parameters:
    """Seeded with `put`, or by PutParameter."""

    def __init__(self) -> None:
        self._parameters: dict[str, dict[str, Any]] = {}

    def put(self, name: str, at: datetime, user: str = "deployer", type_: str = "String") -> int:
        """A parameter was set; gives back its version."""
        version = int(self._parameters.get(name, {}).get("Version", 0)) + 1
        self._parameters[name] = {
            "Name": name,
            "ARN": f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter/{name.lstrip('/')}",
            "Type": type_,
            "LastModifiedDate": at,
            "LastModifiedUser": f"arn:aws:iam::{ACCOUNT}:user/{user}",
            "Version": version,
            "Tier": "Standard",
            "DataType": "text",
        }
        return version

    def describe(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """No filter is emulated."""
        if asked.get("Filters") or asked.get("ParameterFilters"):
            raise ApiError("InvalidFilterKey", "Filters are not emulated by the local stack")
        size = int(asked.get("MaxResults") or _MOST_RESULTS)
        if not 1 <= size <= _MOST_RESULTS:
            raise ApiError("ValidationException", f"MaxResults must be from 1 to {_MOST_RESULTS}")
        found = [described for _, described in sorted(self._parameters.items())]
        shown, token = page(found, size, asked.get("NextToken"), "InvalidNextToken")
        return with_token({"Parameters": shown}, token)

    def put_parameter(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        if asked["Name"] in self._parameters and not asked.get("Overwrite"):
            raise ApiError("ParameterAlreadyExists", "The parameter already exists.")
        version = self.put(asked["Name"], datetime.now(UTC), type_=asked.get("Type", "String"))
        return {"Version": version, "Tier": "Standard"}

    @property
    def operations(self) -> Mapping[tuple[str, str], Any]:
        return {
            ("ssm", "DescribeParameters"): self.describe,
            ("ssm", "PutParameter"): self.put_parameter,
        }
