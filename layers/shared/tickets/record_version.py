"""The version of `diagnosis_record`: whoever writes one and whoever reads one go by this."""

from typing import Literal

RECORD_VERSION: Literal[3] = 3
"""The first had no version, verdict or chain, the second not `not_looked_at`."""
