"""Log groups as tickets and subjects name them."""

from dataclasses import dataclass

from subjects.discovery import Arn


@dataclass(frozen=True)
class LogGroup:
    """A log group by its name, or by its ARN, which may be one of another account or region."""

    name: str
    arn: Arn | None = None

    @classmethod
    def of(cls, written: str) -> "LogGroup":
        """The group that a name or an ARN says; an ARN may end in `:*`, as CloudFormation's does."""
        arn = Arn.read(written.strip().removesuffix(":*"))
        if arn is None or arn.service != "logs":
            return cls(written.strip())
        return cls(arn.name.removeprefix("log-group:"), arn)

    @property
    def region(self) -> str:
        return self.arn.region if self.arn else ""

    def is_elsewhere(self, account: str) -> bool:
        """Whether it is another account's, which has to be asked for by its ARN."""
        return bool(self.arn and self.arn.account and account and self.arn.account != account)

    def place(self, account: str) -> str:
        whose = f" of account {self.arn.account}" if self.arn and self.is_elsewhere(account) else ""
        return f"log group {self.name}{whose}"

    def named(self, account: str) -> dict[str, str]:
        """How CloudWatch Logs is told which group."""
        if self.arn and self.is_elsewhere(account):
            return {"logGroupIdentifier": self.arn.text}
        return {"logGroupName": self.name}
