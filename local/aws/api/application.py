"""AWS's API as the local stack serves it: moto's, operations of our own before it, and no error in HTML."""

import gzip
import io
import logging
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from botocore.exceptions import UnknownServiceError
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol, normalize_request
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import convert_to_flask_response, get_service_model
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import HTTPException, NotFound
from werkzeug.test import run_wsgi_app
from werkzeug.wrappers import Response

from local.aws.api.errors import ApiError, error_response
from local.aws.api.troubles import Troubles

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

Parameters = Mapping[str, Any]
Operation = Callable[[Parameters], Mapping[str, Any]]
Operations = Mapping[tuple[str, str], Operation]
"""By service and name, as boto3 and the API reference have them."""

UNSAFE = {"lambda", "batch"}
"""Services for which moto starts containers, with code that any client may send: never asked of moto."""
_BOTO3_NAMES = {"monitoring": "cloudwatch", "tagging": "resourcegroupstaggingapi"}
"""Services that sign their requests with another name than boto3 has for them."""
_SCOPE = re.compile(r"Credential=[^/,]+/\d{8}/[^/,]+/([^/,]+)/aws4_request")

log = logging.getLogger(__name__)


class Api:
    """A WSGI application; `operations` and `troubles` may be set while it serves."""

    def __init__(self) -> None:
        self.operations: Operations = {}
        self.troubles: Troubles = {}
        self._moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        body = Request(environ).get_data()
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ["CONTENT_LENGTH"] = str(len(body))

        def request() -> Request:
            """The request as it came: whoever reads it reads its body up."""
            return Request({**environ, "wsgi.input": io.BytesIO(body)})

        return self._response(request)(environ, start_response)

    def _response(self, request: Callable[[], Request]) -> Response:
        service = _service(request())
        name = ""
        try:
            if service in UNSAFE | {ours for ours, _ in [*self.operations, *self.troubles]}:
                name = _name(service, request())
                if trouble := self.troubles.get((service, name)):
                    trouble.befall()
                if operation := self.operations.get((service, name)):
                    return _run(operation, service, request())
            if service in UNSAFE:
                raise NotImplementedError  # noqa: TRY301 - the error is made in one place
            return self._ask_moto(request())
        except ApiError as error:
            return error_response(service, request(), error)
        except NotImplementedError:
            asked = f"{service or 'this service'}: {name or _name(service, request())}"
            missing = ApiError("NotImplemented", f"{asked} is not emulated by the local stack", 501)
            return error_response(service, request(), missing)
        except Exception as bug:
            log.exception("the emulator broke")
            return error_response(service, request(), ApiError("InternalFailure", repr(bug), 500))

    def _ask_moto(self, request: Request) -> Response:
        """Raises NotImplementedError for what moto has not, and what moto raises."""
        try:
            application = self._moto.get_application(request.environ)
            endpoint, _ = application.url_map.bind_to_environ(request.environ).match()
        except (
            AttributeError,
            ImportError,
            HTTPException,
        ) as error:  # no such service or path, or one that needs what is not installed
            raise NotImplementedError from error
        view = application.view_functions[endpoint]
        if not isinstance(view, convert_to_flask_response):
            chunks, status, headers = run_wsgi_app(application, request.environ, buffered=True)
            return Response(b"".join(chunks), status, headers)
        # What the view does, without all that Flask does around it: half of a request's time.
        try:
            answer = view.callback(normalize_request(request), request.raw_url, dict(request.headers))
        except HTTPException as error:
            return Response.force_type(error.get_response(request.environ), request.environ)
        code, told, body = answer if len(answer) == 3 else (200, {}, answer)
        return Response(body, code, told)


def _service(request: Request) -> str:
    """The service that the request is signed for, as boto3 calls it."""
    found = _SCOPE.search(request.headers.get("Authorization", ""))
    return _BOTO3_NAMES.get(found[1], found[1]) if found else ""


def _name(service: str, request: Request) -> str:
    """The operation that is asked for; method and path when the service has none such."""
    if target := request.headers.get("X-Amz-Target"):
        return str(target).rpartition(".")[2]
    if action := request.values.get("Action"):
        return str(action)
    try:
        return str(get_service_router(service).match(request)[0].name)
    except (NotFound, NotImplementedError, UnknownServiceError):
        return f"{request.method} {request.path}"


def _run(operation: Operation, service: str, request: Request) -> Response:
    model = get_service_model(service)
    declared, uri_parameters = get_service_router(service).match(request)
    protocol = determine_request_protocol(model, request.content_type)
    asked: Any = {
        "method": request.method,
        "values": request.values,
        "headers": request.headers,
        "body": _unpacked(request),
        "url_path": request.path,
        "url_params": uri_parameters,
    }
    answer = operation(PROTOCOL_PARSERS[protocol](declared).parse(asked))
    written = get_serializer_class(service, protocol)(declared).serialize(answer)
    return Response(written["body"], written["status_code"], written["headers"])


def _unpacked(request: Request) -> bytes:
    """The body, which boto3 sends gzipped to some operations once it is long."""
    packed = request.headers.get("Content-Encoding") == "gzip"
    return gzip.decompress(request.data) if packed else request.data
