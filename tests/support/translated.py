"""What CloudFormation gets: template.yaml as SAM translates it, parameters at their defaults."""

import json
from functools import cache
from typing import Any

import boto3
from samtranslator.yaml_helper import yaml_parse

from local.aws.template import TEMPLATE


@cache
def translated() -> dict[str, Any]:
    """Made once, and so not to be changed. What makes it takes a second to import, in every worker."""
    from samtranslator.parser.parser import Parser  # noqa: PLC0415
    from samtranslator.translator.translator import Translator  # noqa: PLC0415

    document = yaml_parse(TEMPLATE.read_text("utf-8"))
    built = "s3://artifacts/what-sam-build-uploads"
    document["Globals"]["Function"]["CodeUri"] = built
    for resource in document["Resources"].values():
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            resource["Properties"]["ContentUri"] = built
    defaults = {name: declaration["Default"] for name, declaration in document["Parameters"].items()}
    session = boto3.Session(region_name="us-east-1")
    result: dict[str, Any] = Translator({}, Parser(), boto_session=session).translate(document, defaults)
    return result


if __name__ == "__main__":
    print(json.dumps(translated()))
