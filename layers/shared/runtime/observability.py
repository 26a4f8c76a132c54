"""The log and the metrics of every function; both read their names from POWERTOOLS_* variables."""

import logging
import sys

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit, single_metric

logger = Logger()
metrics = Metrics()


def _is_of_others(record: logging.LogRecord) -> bool:
    record.logger = record.name
    return record.name != logger.name


# What the SDK, botocore and other packages log is written as our own lines are, with the invocation's and the
# ticket's id, in place of the runtime's handler.
others = logging.StreamHandler(sys.stdout)
others.setFormatter(logger.registered_formatter)
others.addFilter(_is_of_others)
logging.root.handlers = [others]
# At DEBUG botocore writes the secret's value; at INFO, at each cold start, where it found its credentials.
logging.getLogger("botocore").setLevel(logging.WARNING)

__all__ = ["MetricUnit", "logger", "metrics", "others", "single_metric"]
