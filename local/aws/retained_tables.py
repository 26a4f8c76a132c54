"""Prints the part of the template that a new stack imports when it takes over the tables of a deleted one.

An import makes nothing else: the rest of the template, outputs included, waits for the deployment after it.
"""

import json
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from local.aws.template import TEMPLATE


def retained_tables() -> dict[str, Any]:
    """A template of the tables alone, with the one parameter that they refer to."""
    document = yaml_parse(TEMPLATE.read_text("utf-8"))
    tables = {
        logical_id: resource
        for logical_id, resource in document["Resources"].items()
        if resource["Type"] == "AWS::DynamoDB::Table"
    }
    return {
        "AWSTemplateFormatVersion": document["AWSTemplateFormatVersion"],
        "Parameters": {"KmsKeyArn": document["Parameters"]["KmsKeyArn"]},
        "Conditions": {"HasKmsKey": document["Conditions"]["HasKmsKey"]},
        "Resources": tables,
    }


if __name__ == "__main__":
    print(json.dumps(retained_tables(), indent=2))
