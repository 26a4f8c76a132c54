"""Errors in AWS's form, so that an SDK and the AWS CLI can read them."""

import json
from xml.sax.saxutils import escape

from botocore.exceptions import UnknownServiceError
from moto.core.request import Request
from moto.core.utils import get_service_model
from werkzeug.wrappers import Response


class ApiError(Exception):
    """Raised by an operation that refuses a request, with the code that AWS has for it."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def error_response(service: str, request: Request, error: ApiError) -> Response:
    """The error in the protocol in which the service was asked."""
    if _speaks_json(service, request):
        body = json.dumps({"__type": error.code, "message": error.message})
        headers = {"x-amzn-ErrorType": error.code}
        return Response(body, error.status, headers, content_type="application/x-amz-json-1.0")
    said = f"<Code>{escape(error.code)}</Code><Message>{escape(error.message)}</Message>"
    body = f"<ErrorResponse><Error>{said}</Error><RequestId>local</RequestId></ErrorResponse>"
    if service == "ec2":
        body = f"<Response><Errors><Error>{said}</Error></Errors><RequestID>local</RequestID></Response>"
    return Response(body, error.status, content_type="text/xml")


def _speaks_json(service: str, request: Request) -> bool:
    content_type = request.headers.get("Content-Type", "")
    if "X-Amz-Target" in request.headers or "json" in content_type:
        return True
    if "form" in content_type:
        return False
    try:
        return "json" in str(get_service_model(service).protocol)
    except UnknownServiceError:
        return True
