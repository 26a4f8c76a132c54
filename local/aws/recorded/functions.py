"""Lambda functions as they are described: moto's would start containers, so it is never asked for them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from local.aws.api.errors import ApiError
from local.aws.names import ACCOUNT, REGION
from local.aws.recorded.moments import utc
from local.aws.recorded.paging import page, with_token

_MOST_ITEMS = 50


class Functions:
    """Seeded with `add` (the newest configuration), `publish` (a version of it) and `alias`."""

    def __init__(self) -> None:
        self._latest: dict[str, dict[str, Any]] = {}
        self._versions: dict[str, list[dict[str, Any]]] = {}
        self._aliases: dict[str, list[dict[str, Any]]] = {}
        self._tags: dict[str, dict[str, str]] = {}

    def add(
        self, name: str, modified: datetime, *, tags: Mapping[str, str] | None = None, **configuration: Any
    ) -> str:
        """A function, or its new configuration (`MemorySize`, `Environment`); gives back its ARN."""
        arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"
        self._latest[name] = {
            "FunctionName": name,
            "FunctionArn": arn,
            "Runtime": "python3.13",
            "Role": f"arn:aws:iam::{ACCOUNT}:role/{name}",
            "Handler": "app.handler",
            "CodeSize": 1_048_576,
            "Description": "",
            "Timeout": 3,
            "MemorySize": 128,
            "Version": "$LATEST",
            "State": "Active",
            "LastUpdateStatus": "Successful",
            "PackageType": "Zip",
            "Architectures": ["x86_64"],
            **self._latest.get(name, {}),
            **configuration,
            "LastModified": f"{utc(modified):%Y-%m-%dT%H:%M:%S}.000+0000",
        }
        self._tags[name] = {**self._tags.get(name, {}), **(tags or {})}
        return arn

    def publish(self, name: str, at: datetime, description: str = "") -> str:
        """A version of the configuration as it is now; gives back its number."""
        versions = self._versions.setdefault(name, [])
        number = str(len(versions) + 1)
        latest = self._latest[name]
        versions.append(
            {
                **latest,
                "Version": number,
                "FunctionArn": f"{latest['FunctionArn']}:{number}",
                "Description": description or latest["Description"],
                "LastModified": f"{utc(at):%Y-%m-%dT%H:%M:%S}.000+0000",
            }
        )
        return number

    def alias(self, name: str, alias: str, version: str) -> None:
        arn = f"{self._latest[name]['FunctionArn']}:{alias}"
        self._aliases.setdefault(name, []).append(
            {"AliasArn": arn, "Name": alias, "FunctionVersion": version, "Description": ""}
        )

    def get_configuration(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        name, qualifier = self._named(asked["FunctionName"])
        qualifier = asked.get("Qualifier") or qualifier or "$LATEST"
        for alias in self._aliases.get(name, []):
            if alias["Name"] == qualifier:
                qualifier = alias["FunctionVersion"]
        for described in [self._latest[name], *self._versions.get(name, [])]:
            if described["Version"] == qualifier:
                return described
        raise _not_found(f"{name}:{qualifier}")

    def get_function(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        described = self.get_configuration(asked)
        name = described["FunctionName"]
        return {"Configuration": described, "Code": {"RepositoryType": "S3"}, "Tags": self._tags[name]}

    def list_versions(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        """$LATEST first, then the versions from the oldest, as in AWS."""
        name, _ = self._named(asked["FunctionName"])
        return _paged(asked, "Versions", [self._latest[name], *self._versions.get(name, [])])

    def list_aliases(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        name, _ = self._named(asked["FunctionName"])
        return _paged(asked, "Aliases", self._aliases.get(name, []))

    def list_tags(self, asked: Mapping[str, Any]) -> dict[str, Any]:
        name, _ = self._named(asked["Resource"])
        return {"Tags": self._tags[name]}

    @property
    def operations(self) -> Mapping[tuple[str, str], Any]:
        return {
            ("lambda", "GetFunctionConfiguration"): self.get_configuration,
            ("lambda", "GetFunction"): self.get_function,
            ("lambda", "ListVersionsByFunction"): self.list_versions,
            ("lambda", "ListAliases"): self.list_aliases,
            ("lambda", "ListTags"): self.list_tags,
        }

    def _named(self, asked: str) -> tuple[str, str]:
        """A function by its name or ARN, with a version or an alias behind it or not."""
        parts = asked.rsplit(":function:", maxsplit=1)[-1].split(":")
        if parts[0] not in self._latest:
            raise _not_found(asked)
        return parts[0], parts[1] if len(parts) > 1 else ""


def _not_found(name: str) -> ApiError:
    return ApiError("ResourceNotFoundException", f"Function not found: {name}", 404)


def _paged(asked: Mapping[str, Any], name: str, found: list[dict[str, Any]]) -> dict[str, Any]:
    size = min(int(asked.get("MaxItems") or _MOST_ITEMS), _MOST_ITEMS)
    shown, token = page(found, size, asked.get("Marker"), "InvalidParameterValueException")
    return with_token({name: shown}, token, "NextMarker")
