"""Made-up secrets in every usual notation, and harmless texts that look like them.

Each secret is put together here, so that no scanner of this repository takes one for real.
"""

import base64
import json
import random
import string
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import wrap
from urllib.parse import quote, unquote

LETTERS = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
CAPITALS = string.ascii_uppercase + string.digits


@dataclass(frozen=True)
class Positive:
    """A text with one secret in it, and its kind."""

    kind: str
    before: str
    secret: str
    after: str = ""

    @property
    def text(self) -> str:
        return f"{self.before}{self.secret}{self.after}"


_random = random.Random(7)


def made(length: int, chars: str = LETTERS) -> str:
    """So many characters; with a small and a capital letter and a digit where there are such."""
    sure = [next((c for c in chars if test(c)), chars[0]) for test in (str.islower, str.isupper, str.isdigit)]
    drawn = [_random.choice(chars) for _ in range(length - 3)] + sure
    _random.shuffle(drawn)
    return "".join(drawn)


def in_base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def pem(label: str) -> str:
    body = "\n".join(wrap(made(200, LETTERS + "+/") + "==", 64))
    return f"-----{'BEGIN'} {label}-----\n{body}\n-----{'END'} {label}-----"


KEY = "PRIVATE " + "KEY"
JWT = f"eyJ{made(24)}.eyJ{made(60)}.{made(43)}"
AWS_SECRET = made(40, LETTERS + "/+")

POSITIVES = [
    Positive("aws-access-key", "signed with ", "AK" + "IA" + made(16, CAPITALS), " in eu-west-1"),
    Positive("aws-access-key", '{"AccessKeyId": "', "AS" + "IA" + made(16, CAPITALS), '"}'),
    Positive("aws-access-key", "AWS_ACCESS_KEY_ID=", "AK" + "IA" + made(16, CAPITALS)),
    Positive("aws-secret-key", "AWS_SECRET_ACCESS_KEY=", AWS_SECRET, "\nAWS_REGION=eu-west-1"),
    Positive("aws-secret-key", '"SecretAccessKey": "', made(40, LETTERS + "/+"), '",'),
    Positive("aws-secret-key", "aws_secret_access_key = ", made(40, LETTERS + "/+")),
    Positive("github-token", "git clone https://", "gh" + "p_" + made(36), "@github.com/acme/shop.git"),
    Positive("github-token", "GITHUB_TOKEN: ", "github_" + "pat_" + made(22) + "_" + made(59)),
    Positive("github-token", "x-access-token:", "gh" + "s_" + made(36), " used"),
    Positive("gitlab-token", "--header 'PRIVATE-TOKEN: ", "gl" + "pat-" + made(20), "'"),
    Positive(
        "slack-token",
        "posting with ",
        "xo" + "xb-" + made(12, string.digits) + "-" + made(24),
        " failed: not_in_channel",
    ),
    Positive(
        "slack-token",
        "POST https://hooks.slack.com/services/",
        f"T{made(8, CAPITALS)}/B{made(8, CAPITALS)}/{made(24)}",
        " 404",
    ),
    Positive("stripe-key", "stripe.api_key = '", "sk" + "_live_" + made(24), "'"),
    Positive("stripe-key", "webhook secret ", "wh" + "sec_" + made(32), " does not match"),
    Positive("anthropic-key", "x-api-key: ", "sk-" + "ant-api03-" + made(93) + "AA"),
    Positive("openai-key", "OPENAI_API_KEY=", "sk-" + "proj-" + made(74)),
    Positive("openai-key", "key ", "sk-" + made(48), " is over its quota"),
    Positive("google-key", "https://maps.example.com/api?key=", "AI" + "za" + made(35), "&v=3"),
    Positive("google-key", "refreshed ", "ya" + "29." + made(120), " for 3599 s"),
    Positive("npm-token", "//registry.example.com/:_authToken=", "np" + "m_" + made(36)),
    Positive("pypi-token", "password: ", "py" + "pi-AgEIcHlwaS5vcmc" + made(150)),
    Positive("service-token", "SENDGRID ", "S" + "G." + made(22) + "." + made(43), " rejected"),
    Positive("service-token", "vault login ", "hv" + "s." + made(90), " ok"),
    Positive("service-token", "docker login with ", "dckr_" + "pat_" + made(27), " as acme"),
    Positive("service-token", "HF_TOKEN=", "h" + "f_" + made(34, string.ascii_letters)),
    Positive("jwt", "token ", JWT, " expired 12 s ago"),
    Positive("jwt", "id_token=", f"eyJ{made(30)}.eyJ{made(80)}.{made(86)}", "&state=7"),
    Positive("authorization", "Authorization: Bearer ", made(40), " HTTP/1.1"),
    Positive(
        "authorization",
        "-H 'Authorization: Basic ",
        in_base64("deploy:" + made(12)),
        "' https://ci.example.com",
    ),
    Positive("authorization", '{"auths": {"ecr": {"auth": "', in_base64("AWS:" + made(30)), '"}}}'),
    Positive("authorization", '"proxy-authorization": "Token ', made(32, HEX), '"'),
    Positive("password", "DB_PASSWORD=", made(14)),
    Positive("password", "password: ", made(12, LETTERS), "  # orders"),
    Positive("password", '"db_password": "', made(10) + "!x$" + made(4), '"'),
    Positive("password", "mysqldump --password=", made(12), " --all-databases"),
    Positive("password", "psql --db-password ", made(12), " -h db-1"),
    Positive("password", "spring.datasource.password=", made(16)),
    Positive("password", "Server=db-1;User Id=app;Password=", made(13), ";Encrypt=true"),
    Positive("password", "mysql -h db-1 -p", made(12), " orders"),
    Positive("password", "curl -u deploy:", made(16), " https://ci.example.com/job"),
    Positive("password", "ALTER USER app WITH PASSWORD '", made(15), "';"),
    Positive("password", "<Password>", made(11), "</Password>"),
    Positive("password", "{:passwd => '", made(12), "'}"),
    Positive("password", "  - name: REDIS_PASSWORD\n    value: ", made(18)),
    Positive("secret", '{"name": "STRIPE_API_KEY", "value": "', made(32), '"}'),
    Positive("secret", '{"ParameterKey": "ClientSecret", "ParameterValue": "', made(26), '"}'),
    Positive("secret", "client_secret=", made(32), "&grant_type=client_credentials"),
    Positive("secret", "apiKey: '", made(32), "',"),
    Positive("secret", "X-Auth-Token: ", made(32)),
    Positive(
        "secret", "AccountName=shop;AccountKey=", made(86, LETTERS + "+/") + "==", ";EndpointSuffix=core"
    ),
    Positive("connection-string", "postgres://app:", made(14), "@db-1.example.com:5432/orders"),
    Positive("connection-string", "redis://:", made(20), "@cache:6379/0 timed out"),
    Positive("connection-string", "jdbc:oracle:thin:app/", made(12), "@//db-1:1521/orders"),
    Positive("private-key", "loaded\n", pem(f"RSA {KEY}"), "\nin 3 ms"),
    Positive("private-key", "tls.key: ", in_base64(pem(KEY))),
    Positive("cookie", "Cookie: ", f"sid={made(26)}; theme=dark", " HTTP/1.1"),
    Positive(
        "signed-url", "https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=", made(64, HEX), "&x=1"
    ),
    Positive("email", "reported by ", "anna.maier+ops" + "@" + "example.com", " at 02:10"),
    Positive("card", "charge of 12.50 on ", "4111" + "1111" + "1111" + "1111", " declined"),
    Positive("iban", "refund to ", "DE89" + "3704" + "0044" + "0532" + "0130" + "00", " pending"),
]

LOOK_ALIKES = [
    "commit 9fceb02d0ae598e95dc970b74767f19372d61af8 deployed",
    "image sha256:3a7bd3e2360a3d29eea436fcfb7e44c735d117c42d1c1835420b6b9942dd4f1b",
    "request id 5f0c1c2e-9e3f-4d61-8b0a-6f2f6c9f5a11",
    "trace 1-67891233-abcdef012345678912345678 Root=1-67891233-abcdef012345678912345678",
    "md5 d41d8cd98f00b204e9800998ecf8427e of an empty file",
    "arn:aws:iam::123456789012:role/diagnose-DiagnoseRole-1A2B3C4D5E6F7",
    "secret_arn = arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf",
    "arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "Access denied for user 'app'@'10.0.0.12' (using password: YES)",
    'FATAL: password authentication failed for user "app"',
    "Failed password for root from 203.0.113.9 port 51234 ssh2",
    "password: expired",
    "the token expired 12 s ago",
    "Bearer token is missing",
    "Basic authentication required",
    "Authorization: denied by policy 7",
    "max_tokens=8000 input_tokens: 412345 output_tokens=1200",
    "tokens: 4111111",
    "token bucket refilled at 1795000000",
    "NextToken=AAMA-EFRSURBSGhPbVdoZ1h3",
    "partition_key: order-2026-11-17-000123",
    "primary key: id, sort key: created_at",
    "passed: 412 failed: 3 pass=412 fail=3",
    "PWD=/home/app/releases/20261117",
    "OLDPWD=/var/www/html",
    "password_file: /run/secrets/db_password",
    "DB_PASSWORD=${DB_PASSWORD}",
    "password=$DB_PASSWORD",
    'password = os.environ["DB_PASSWORD"]',
    "password: {{ vault_db_password }}",
    "password: ********",
    "secretName: orders-db-credentials",
    "secret: prod/orders/db",
    "apiVersion: v1, kind: Secret, type: Opaque",
    "version 1.2.3-rc.4+build.20261117",
    "2026-11-17T02:11:05.123456Z INFO ready in 4111 ms",
    "epoch 1795000000123456789 ns, 1795000000123 ms",
    "order 4000123412341234 shipped",
    "ticket tkt-20261119-1345-checkout-quote",
    "invoice 5500-0000-0000-0005 is overdue",
    "bytes_used=4503599627370497 of 9007199254740993",
    "FreeStorageSpace = 14063512655.0",
    "latencies 4111 1111 1111 1112 ms",
    "10.40.16.0/20, us-east-1a, route table rtb-app",
    "mac 0a:1b:2c:3d:4e:5f on eth0",
    "getty@tty1.service entered failed state",
    "logo@2x.png not found (404)",
    "npm install react@18.2.0 failed",
    "git@github.com:acme/shop.git (fetch)",
    "ubuntu@ip-10-0-0-12.eu-west-1.compute.internal",
    "java.lang.Object@1b6d3586 waiting on Thread-7",
    "https://example.com:8443/orders/17?page=2&sort=created",
    "jdbc:postgresql://db-1:5432/orders?sslmode=require",
    "GET /v3/rates?sig=off&signature=none -> 504 in 3002 ms",
    "payload " + in_base64("The quick brown fox jumps over the lazy dog, twice a day."),
    'etag W/"5d8c72a5edda8d6a-gzip"',
    "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQh\n-----END CERTIFICATE-----",
    "tls.crt: "
    + in_base64("-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQh0123456789\n-----END CERTIFICATE-----"),
    "docker run --user 1000:1000 app",
    "GB12 units of stock ABCD 1234 5678 moved",
]


def split(positive: Positive) -> str:
    half = len(positive.secret) // 2
    return f"{positive.before}{positive.secret[:half]}\n{positive.secret[half:]}{positive.after}"


FORMS: dict[str, Callable[[Positive], str]] = {
    "as it is": lambda positive: positive.text,
    "split across lines": split,
    "in JSON": lambda positive: json.dumps({"level": "error", "message": positive.text}),
    "in JSON in JSON": lambda positive: json.dumps({"log": json.dumps({"message": positive.text})}),
    "split, in JSON": lambda positive: json.dumps({"message": split(positive)}),
    "in a URL": lambda positive: f"GET https://a.example.com/cb?next={quote(positive.text, safe='')}&n=1",
    "coloured": lambda positive: f"{positive.before}\x1b[31;1m{positive.secret}\x1b[0m{positive.after}",
    "with invisible characters": lambda positive: positive.text.replace(
        positive.secret, "\u200b".join(positive.secret)
    ),
}


def is_told(positive: Positive, text: str) -> bool:
    """Whether the text still tells the secret, or half of it, however it is written."""
    said = unquote(text).replace("\\n", "").replace("\n", "").replace("\\", "").replace("\u200b", "")
    secret = positive.secret.replace("\n", "")
    half = len(secret) // 2
    return any(part in said for part in (secret[:half], secret[half:]))
