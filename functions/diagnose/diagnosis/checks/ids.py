"""Every id that is cited is in the evidence."""

from collections.abc import Iterator

from diagnose.diagnosis.checked import Check, Result
from diagnose.diagnosis.reading.claims import Claims
from diagnose.diagnosis.reading.items import Items


def check_ids(claims: Claims, items: Items) -> Iterator[Check]:
    cited = [(claim.place, id_) for claim in claims.cited for id_ in claim.ids]
    cited += [
        (f"metric_readings[{place}]", reading.evidence) for place, reading in enumerate(claims.readings)
    ]
    for place, id_ in cited:
        if id_ in items:
            yield Check("id", place, Result.PASSED, f"cites {id_}, which is in the evidence")
        else:
            yield Check("id", place, Result.FAILED, f"cites {id_[:40]}, which is not in the evidence")
