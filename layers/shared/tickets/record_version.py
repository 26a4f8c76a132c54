"""The version of `diagnosis_record`: whoever writes one and whoever reads one go by this."""

from typing import Literal

RECORD_VERSION: Literal[4] = 4
"""The first had no version, verdict or chain, the second not `not_looked_at`.

The third had nothing by which its cause is known again: violation, observations, findings, known_cause.
"""
