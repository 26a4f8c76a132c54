"""The AWS CLI: its operations are told by how their names begin."""

import re
from collections.abc import Sequence

from diagnose.diagnosis.commands.call import By, Call, Rule, short
from diagnose.diagnosis.commands.finding import Finding, changes, destroys, reads
from diagnose.diagnosis.commands.listing import listed
from diagnose.diagnosis.commands.options import Options
from diagnose.diagnosis.commands.programs.kinds import rehearses
from diagnose.diagnosis.commands.shell.words import Word

GLOBAL = Options(
    "",
    "profile= region= output= query= endpoint-url= color= ca-bundle= cli-read-timeout= cli-connect-timeout= "
    "debug no-verify-ssl no-paginate no-sign-request no-cli-pager cli-auto-prompt no-cli-auto-prompt version",
    operands_end=True,
)
READS = re.compile(
    r"(?:describe|list|get|head|search|lookup|batch-get|filter|simulate|count)-[a-z0-9-]+|wait"
)
ALSO_READS = {
    "dynamodb": "query scan transact-get-items",
    "logs": "start-query tail start-live-tail test-metric-filter",
    "cloudformation": "validate-template estimate-template-cost",
    "route53": "test-dns-answer",
    "events": "test-event-pattern",
    "rds": "download-db-log-file-portion",
    "configure": "list list-profiles get",
    "accessanalyzer": "validate-policy check-no-new-access check-access-not-granted",
    "cloudsearchdomain": "search suggest",
}
"""Operations that only read by other names, for each service."""
DESTROYS = re.compile(
    r"(?:.*-)?(?:delete|terminate|purge|destroy|deprovision|wipe|erase)(?:-.*)?|release-[a-z-]*(?:address|hosts)"
    r"|schedule-key-deletion|backtrack-db-cluster|discard-.*|empty-.*"
)
WRITES_A_FILE = set(
    listed(
        "get-export get-sdk get-configuration get-hosted-configuration-version "
        "get-latest-configuration get-introspection-schema get-connection-function "
        "get-package-version-asset get-lineage-event get-snapshot-block get-glyphs "
        "get-sprites get-static-map get-style-descriptor get-tile get-job-output "
        "get-thing-shadow get-position-estimate get-resource-position get-clip "
        "get-media-for-fragment-list get-media get-work-unit-results get-map-glyphs "
        "get-map-sprites get-map-style-descriptor get-map-tile "
        "describe-input-device-thumbnail get-object get-image-frame get-image-set-metadata "
        "get-read-set get-reference get-object-annotation get-object-torrent "
        "get-code-binding-source get-raw-message-content get-game-session-log"
    )
)
"""Operations whose answer goes to a file that the last word names."""
WRITES_A_FILE_OF = {("cloudfront", "get-function"), ("codeguruprofiler", "get-profile")}
ISSUES = re.compile(
    r"get-(?:.*-)?(?:credentials|federation-token|session-token|access-token|auth-token|oauth2-token|token)(?:-.*)?"
)
"""Operations that make credentials."""
SECRETS = re.compile(
    r"(?:batch-)?get-(?:secret-value|password-data|login-password|authorization-token|.*password)"
)
S3_SIMPLE = {"ls": reads("aws s3 ls only reads")}
REHEARSAL = {"s3": frozenset({"--dryrun"}), "ec2": frozenset({"--dry-run"})}
HEAVY_SCAN = "It reads a whole table, at the cost of its capacity."
CONFIDENTIAL = "It shows secrets."


def _aws(call: Call) -> Finding:
    given = GLOBAL.read(call.words)
    if given.has("version") and not given.operands:
        return reads("aws --version only reads")
    if given.trouble:
        return _unsure(call, given.trouble)
    service, operation, rest = _operation(given.operands)
    if not operation:
        return _unsure(call, "which operation it calls is known only when it runs, or not said")
    name = f"aws {short(service)} {short(operation)}"
    if rehearses(rest, REHEARSAL.get(service, frozenset())):
        return reads(f"{name} is a rehearsal that changes nothing")
    if service == "s3":
        return _s3(name, operation, rest)
    if DESTROYS.fullmatch(operation):
        return destroys(f"{name} deletes or ends what it names")
    if operation in WRITES_A_FILE or (service, operation) in WRITES_A_FILE_OF:
        return changes(f"{name} writes a file")
    if ISSUES.fullmatch(operation):
        return changes(f"{name} makes credentials", CONFIDENTIAL)
    if _only_reads(service, operation):
        return reads(f"{name} only reads", *_marks(service, operation, rest, call.words))
    return changes(f"{name} is in no table of what only reads")


def _operation(operands: Sequence[Word]) -> tuple[str, str, Sequence[Word]]:
    """The service and the operation, global options between them left out."""
    if not operands or operands[0].made:
        return "", "", ()
    given = GLOBAL.read(operands[1:])
    if given.trouble or not given.operands or given.operands[0].made:
        return operands[0].text, "", ()
    return operands[0].text, given.operands[0].text, given.operands[1:]


def _only_reads(service: str, operation: str) -> bool:
    also = ALSO_READS.get(service, "").split()
    if service == "configure":
        return operation in also
    return operation in also or bool(READS.fullmatch(operation))


def _unsure(call: Call, why: str) -> Finding:
    for word in call.words:
        if DESTROYS.fullmatch(word.text):
            return destroys(f"aws may {short(word.text)}")
    return changes(f"aws: {why}")


def _s3(name: str, operation: str, rest: Sequence[Word]) -> Finding:
    texts = [word.text for word in rest]
    if operation in S3_SIMPLE:
        return S3_SIMPLE[operation]
    if operation in ("rm", "rb") or "--delete" in texts:
        return destroys(f"{name} deletes objects")
    if operation == "presign":
        return reads(f"{name} only makes a link", "Whoever has the link that it makes can read the object.")
    paths = [word for word in rest if not word.text.startswith("--")]
    if operation == "cp" and len(paths) == 2 and paths[1].text == "-" and len(texts) == 2:
        return reads(f"{name} to the screen only reads")
    return changes(f"{name} copies over objects or files")


def _marks(service: str, operation: str, rest: Sequence[Word], words: Sequence[Word]) -> list[str]:
    texts = [word.text for word in rest]
    found = []
    stored = service == "configure" and any("secret" in text or "token" in text for text in texts)
    if SECRETS.fullmatch(operation) or "--with-decryption" in texts or stored:
        found.append(CONFIDENTIAL)
    if (service, operation) == ("dynamodb", "scan"):
        found.append(HEAVY_SCAN)
    if any(word.text.startswith("--endpoint-url") for word in words):
        found.append("It speaks to an address of its own, not to that of AWS.")
    return found


AWS: dict[str, Rule] = {"aws": By(_aws)}
