"""Holds the wire to `genesys.json`, whoever speaks: one middleware around the sandbox."""

import json
from collections.abc import Awaitable, Callable
from functools import cache
from pathlib import Path
from typing import Any

from aiohttp import web
from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

CONTRACT = Path(__file__).parent / "genesys.json"
EVENT = "ConversationEmailEventTopicEmailConversation"


@cache
def contract() -> dict[str, Any]:
    """The contract as plain values."""
    return json.loads(CONTRACT.read_text(encoding="utf-8"))


@cache
def checker() -> OpenAPI:
    """The contract, ready to check with."""
    return OpenAPI.from_dict(contract())


class Checked:
    """What went over the wire, and what of it was against the contract."""

    def __init__(self) -> None:
        self.operations: set[tuple[str, str]] = set()
        self.bad_requests: list[str] = []
        self.bad_responses: list[str] = []
        self.requests = 0

    @property
    def middleware(self) -> Any:
        """Goes outside of all others, so that refusals and faults are held to the contract, too."""

        @web.middleware
        async def check(
            request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
        ) -> web.StreamResponse:
            if not request.path.startswith("/api/"):
                return await handler(request)
            self.requests += 1
            seen = await _request(request)
            self._look(self.bad_requests, lambda: checker().validate_request(seen), request)
            self.bad_requests += _unknown_parameters(request)
            response = await handler(request)
            assert isinstance(response, web.Response)
            answer = _response(response)
            self._look(
                self.bad_responses, lambda: checker().validate_response(seen, answer), request
            )
            if response.status < 400:
                self.operations.add((request.method, request.match_info.route.resource.canonical))
            return response

        return check

    def _look(self, found: list[str], look: Callable[[], Any], request: web.Request) -> None:
        try:
            look()
        except OpenAPIError as error:
            found.append(f"{request.method} {request.path}: {error!r} {error.__cause__!r}")


def _unknown_parameters(request: web.Request) -> list[str]:
    """What is asked that no operation knows; the checker passes over such parameters."""
    path = request.match_info.route.resource.canonical if request.match_info.route.resource else ""
    operation = contract()["paths"].get(path, {}).get(request.method.lower())
    if operation is None:
        return []
    known = {one["name"] for one in operation["parameters"]}
    return [
        f"{request.method} {path}: no parameter {name}"
        for name in request.query
        if name not in known
    ]


async def _request(request: web.Request) -> MockRequest:
    data = await request.read() or None
    return MockRequest(
        f"http://{request.host}",
        request.method,
        request.path,
        args={name: request.query.getall(name) for name in request.query},
        headers=dict(request.headers),
        data=data,
        content_type=request.content_type if data else "",
    )


def _response(response: web.Response) -> MockResponse:
    body = response.body if isinstance(response.body, bytes) else b""
    return MockResponse(
        body or b"", status_code=response.status, content_type=response.content_type
    )


def event_errors(body: dict[str, Any]) -> list[str]:
    """What of a pushed conversation is against the contract."""
    from openapi_schema_validator import OAS30Validator

    schema = {
        "$ref": f"#/components/schemas/{EVENT}",
        "components": contract()["components"],
    }
    return [error.message for error in OAS30Validator(schema).iter_errors(body)]
