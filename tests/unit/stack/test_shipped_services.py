"""The layer ships the descriptions of the AWS services that the functions call."""

import re

from local.aws.template import ROOT


def test_every_service_that_the_code_names_is_in_the_layer() -> None:
    makefile = (ROOT / "layers" / "dependencies" / "Makefile").read_text("utf-8")
    [kept] = re.findall(r"^SERVICES = (.*)$", makefile, re.MULTILINE)
    code = [
        path.read_text("utf-8")
        for folder in ("functions", "layers/shared")
        for path in (ROOT / folder).rglob("*.py")
    ]
    named = {
        service
        for text in code
        for service in re.findall(r"""(?:\.(?:client|resource)|clients)\(\s*["']([\w-]+)["']""", text)
    }

    assert {"dynamodb", "cloudwatch"} <= named
    assert named <= set(kept.split())
