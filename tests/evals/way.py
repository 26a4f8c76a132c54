"""Who is asked: Claude with a key of the environment, a stand-in at its address, or nobody."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from diagnose.settings import DiagnoseSettings
from local.aws.template import Template

LOOPBACK = ("localhost", "127.0.0.1", "::1")
CLAUDE_API = "https://api.anthropic.com"
STAND_IN_KEY = "sk-local-stand-in"


@dataclass(frozen=True)
class Way:
    """An address and a key for it. On loopback there is no Claude, whatever is there."""

    base_url: str
    key: str

    @property
    def is_local(self) -> bool:
        return _is_local(self.base_url)


def way_from(environment: Mapping[str, str] | None = None) -> Way | None:
    """By ANTHROPIC_API_KEY and ANTHROPIC_BASE_URL; on loopback any key will do. None without either."""
    told = os.environ if environment is None else environment
    key, address = (told.get(f"ANTHROPIC_{name}", "").strip() for name in ("API_KEY", "BASE_URL"))
    if not key and not _is_local(address):
        return None
    return Way(address or CLAUDE_API, key or STAND_IN_KEY)


def settings() -> DiagnoseSettings:
    """The diagnose function's, as the template has them by default."""
    variables = Template.read().resource("DiagnoseFunction").properties["Environment"]["Variables"]
    told = {name: str(variables.get(name.upper(), "")) for name in DiagnoseSettings.model_fields}
    return DiagnoseSettings.model_validate({name: value for name, value in told.items() if value})


def _is_local(address: str) -> bool:
    return urlsplit(address).hostname in LOOPBACK
