"""What the template's names stand for on this machine: parameters, physical names, ARNs and addresses."""

import re
from collections.abc import Mapping
from typing import Any

from local.aws.intrinsics import NO_VALUE, TemplateError

ACCOUNT = "123456789012"
REGION = "us-east-1"
STACK_NAME = "differential"

# Type of resource -> (the property that names it, the ending of its logical id that its name does without).
_NAMING = {
    "AWS::DynamoDB::Table": ("TableName", "Table"),
    "AWS::SQS::Queue": ("QueueName", "Queue"),
    "AWS::SecretsManager::Secret": ("Name", ""),
    "AWS::Serverless::Function": ("FunctionName", "Function"),
    "AWS::SNS::Topic": ("TopicName", ""),
    "AWS::Events::EventBus": ("Name", ""),
    "AWS::Events::Rule": ("Name", "Rule"),
    "AWS::Logs::LogGroup": ("LogGroupName", ""),
    "AWS::CloudWatch::Dashboard": ("DashboardName", ""),
    "AWS::IAM::Role": ("RoleName", ""),
    "AWS::IAM::ManagedPolicy": ("ManagedPolicyName", ""),
    "AWS::Serverless::LayerVersion": ("LayerName", "Layer"),
}
_ARNS = {
    "AWS::DynamoDB::Table": "arn:aws:dynamodb:{region}:{account}:table/{name}",
    "AWS::SQS::Queue": "arn:aws:sqs:{region}:{account}:{name}",
    "AWS::Serverless::Function": "arn:aws:lambda:{region}:{account}:function:{name}",
    "AWS::IAM::Role": "arn:aws:iam::{account}:role/{name}",
    "AWS::IAM::ManagedPolicy": "arn:aws:iam::{account}:policy/{name}",
    "AWS::SNS::Topic": "arn:aws:sns:{region}:{account}:{name}",
    "AWS::Events::EventBus": "arn:aws:events:{region}:{account}:event-bus/{name}",
    "AWS::Events::Rule": "arn:aws:events:{region}:{account}:rule/{name}",
    "AWS::Logs::LogGroup": "arn:aws:logs:{region}:{account}:log-group:{name}",
}
_REF_IS_ARN = {"AWS::SNS::Topic": "TopicArn", "AWS::IAM::ManagedPolicy": "PolicyArn"}
"""Type of resource -> the attribute that its `Ref` gives, too."""


class Names:
    """Answers `Ref` and `GetAtt`; what only AWS can say (a stream's ARN) is learned once it is created."""

    def __init__(
        self, document: Mapping[str, Any], parameters: Mapping[str, str], endpoint: str = "http://127.0.0.1"
    ) -> None:
        self._resources: Mapping[str, Any] = document.get("Resources", {})
        self._endpoint = endpoint
        self._learned: dict[tuple[str, str], str] = {}
        self._values: dict[str, Any] = {
            **parameters,
            "AWS::AccountId": ACCOUNT,
            "AWS::Region": REGION,
            "AWS::Partition": "aws",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::StackName": STACK_NAME,
            "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{STACK_NAME}/local",
            "AWS::NoValue": NO_VALUE,
        }

    def learn(self, resource: str, attribute: str, value: str) -> None:
        """Remember what creating a resource has shown; `attribute` is "Ref" for its `Ref`."""
        self._learned[resource, attribute] = value

    def physical_name(self, resource: str) -> str:
        """The name of a resource that does not name itself: `RetryQueue` -> `differential-retry`."""
        type_ = self._type(resource)
        if type_ not in _NAMING:
            raise TemplateError(f"the local stack has no name for {resource} ({type_})")
        stem = resource.removesuffix(_NAMING[type_][1])
        return f"{STACK_NAME}-{re.sub('(?<!^)(?=[A-Z])', '-', stem).lower()}"

    def naming_property(self, resource: str) -> str | None:
        """The property by which a resource's template may name it."""
        naming = _NAMING.get(self._type(resource))
        return naming[0] if naming else None

    def ref(self, name: str) -> Any:
        if name in self._values:
            return self._values[name]
        if (name, "Ref") in self._learned:
            return self._learned[name, "Ref"]
        type_ = self._type(name)
        if type_ == "AWS::SQS::Queue":
            return f"{self._endpoint}/{ACCOUNT}/{self.name(name)}"
        if type_ in _REF_IS_ARN:
            return self.attribute(name, _REF_IS_ARN[type_])
        return self.name(name)

    def attribute(self, resource: str, attribute: str) -> str:
        if (resource, attribute) in self._learned:
            return self._learned[resource, attribute]
        type_ = self._type(resource)
        if attribute in {"Arn", _REF_IS_ARN.get(type_)} and type_ in _ARNS:
            return _ARNS[type_].format(region=REGION, account=ACCOUNT, name=self.name(resource))
        if attribute == "Id" and type_ == "AWS::SecretsManager::Secret":
            return str(self.ref(resource))
        if attribute == "StreamArn" and type_ == "AWS::DynamoDB::Table":
            return f"{self.attribute(resource, 'Arn')}/stream/not-created-yet"
        if attribute == _NAMING.get(type_, ("",))[0]:
            return self.name(resource)
        raise TemplateError(f"Fn::GetAtt {resource}.{attribute} is not known to the local stack")

    def name(self, resource: str) -> str:
        """The name in the template, once learned, else the one by rule."""
        return self._learned.get((resource, "Name")) or self.physical_name(resource)

    def _type(self, resource: str) -> str:
        if resource not in self._resources:
            raise TemplateError(f"{resource} is neither a parameter nor a resource of the template")
        return str(self._resources[resource]["Type"])
