"""The log and the metrics of every function; both read their names from POWERTOOLS_* variables."""

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit, single_metric

logger = Logger()
metrics = Metrics()

__all__ = ["MetricUnit", "logger", "metrics", "single_metric"]
