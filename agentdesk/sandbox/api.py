"""The HTTP side of the operations: routes, sign-in, faults on the way, and refusals as the wire says them."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from email.utils import format_datetime
from typing import Any
from uuid import uuid4

from aiohttp import web

from agentdesk.sandbox import listings, operations
from agentdesk.sandbox.access import LOOPBACK, BadGrant
from agentdesk.sandbox.calls import Answer, Call
from agentdesk.sandbox.refusals import NotSignedIn, Refused
from agentdesk.sandbox.sandbox import Sandbox

Operation = Callable[[Call], Answer]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
SANDBOX: web.AppKey[Sandbox] = web.AppKey("sandbox", Sandbox)
CONVERSATIONS = "/api/v2/conversations"
EMAIL = CONVERSATIONS + "/emails/{conversationId}"
PARTICIPANT = EMAIL + "/participants/{participantId}"
COMMUNICATION = PARTICIPANT + "/communications/{communicationId}"
REPLACE = CONVERSATIONS + "/{conversationId}/participants/{participantId}/replace"
USER = "/api/v2/users/{userId}"
QUEUE = "/api/v2/routing/queues/{queueId}"
CHANNELS = "/api/v2/notifications/channels"
TOPICS = CHANNELS + "/{channelId}/subscriptions"
OPERATIONS: list[tuple[str, str, Operation]] = [
    ("POST", CONVERSATIONS + "/emails", operations.create),
    ("GET", CONVERSATIONS + "/emails", operations.mine),
    ("GET", EMAIL, operations.get_email),
    ("POST", EMAIL + "/inboundmessages", operations.inbound),
    ("PATCH", PARTICIPANT, operations.patch_participant),
    ("PATCH", PARTICIPANT + "/attributes", operations.patch_attributes),
    ("PATCH", PARTICIPANT + "/parkingstate", operations.park),
    ("GET", PARTICIPANT + "/wrapupcodes", operations.participant_codes),
    ("PATCH", COMMUNICATION, operations.patch_communication),
    ("GET", COMMUNICATION + "/wrapup", operations.get_wrapup),
    ("POST", COMMUNICATION + "/wrapup", operations.wrap_up),
    ("GET", CONVERSATIONS + "/{conversationId}", operations.get_conversation),
    ("POST", CONVERSATIONS + "/{conversationId}/disconnect", operations.tear_down),
    ("POST", REPLACE + "/queue", operations.to_queue),
    ("POST", REPLACE + "/agent", operations.to_agent),
    ("POST", "/api/v2/analytics/queues/observations/query", listings.observations),
    ("GET", "/api/v2/routing/queues", listings.queues),
    ("GET", QUEUE + "/members", listings.members),
    ("GET", QUEUE + "/wrapupcodes", listings.queue_codes),
    ("GET", "/api/v2/routing/wrapupcodes", listings.codes),
    ("GET", "/api/v2/routing/users/{userId}/utilization", listings.utilization),
    ("GET", "/api/v2/users", listings.users),
    ("GET", "/api/v2/users/me", listings.me),
    ("GET", USER + "/queues", listings.user_queues),
    ("GET", USER + "/routingstatus", listings.get_routing),
    ("PUT", USER + "/routingstatus", listings.put_routing),
    ("GET", USER + "/presences/{sourceId}", listings.get_presence),
    ("PATCH", USER + "/presences/{sourceId}", listings.patch_presence),
    ("GET", "/api/v2/presence/definitions", listings.definitions),
    ("POST", CHANNELS, listings.create_channel),
    ("GET", TOPICS, listings.get_topics),
    ("POST", TOPICS, listings.add_topics),
    ("PUT", TOPICS, listings.set_topics),
    ("DELETE", TOPICS, listings.drop_topics),
]


def add_operations(app: web.Application) -> None:
    """Route every operation."""
    for method, path, operation in OPERATIONS:
        app.router.add_route(method, path, _handler(operation))


def _handler(operation: Operation) -> Handler:
    async def handle(request: web.Request) -> web.StreamResponse:
        said = await _said(request)
        status, body = await request.app[SANDBOX].do(lambda: operation(_call(request, said)))
        if operation is listings.create_channel:
            body["connectUri"] = f"ws://{request.host}/channels/{body['id']}"
        return (
            web.Response(status=status) if body is None else web.json_response(body, status=status)
        )

    return handle


async def _said(request: web.Request) -> Any:
    raw = await request.read()
    try:
        return json.loads(raw) if raw else None
    except ValueError:
        raise Refused("The body is not JSON.") from None


def _call(request: web.Request, said: Any) -> Call:
    sandbox = request.app[SANDBOX]
    kind, _, bearer = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer":
        raise NotSignedIn("No authentication bearer token specified in authorization header.")
    token = sandbox.access.holder(bearer.strip())
    query = {name: ",".join(request.query.getall(name)) for name in request.query}
    return Call(sandbox, token, request.match_info, query, said)


def refusal(error: Refused) -> web.Response:
    """An `ErrorBody`."""
    headers = {"Retry-After": str(error.retry_after)} if error.retry_after else {}
    body = {
        "message": str(error),
        "code": error.code,
        "status": error.status,
        "contextId": str(uuid4()),
        "details": [],
        "errors": [],
    }
    return web.json_response(body, status=error.status, headers=headers)


@web.middleware
async def answer_refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    """What is refused is an answer, too; so is what does not exist."""
    try:
        return await handler(request)
    except BadGrant as error:
        said = {"error": error.code, "error_description": str(error)}
        return web.json_response(said, status=error.status)
    except Refused as error:
        return refusal(error)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return refusal(injected(error.status, error.reason))


@web.middleware
async def let_things_go_wrong(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Latency, and failures before or after the work; never for the panel."""
    if not request.path.startswith(("/api/", "/oauth/token")):
        return await handler(request)
    faults = request.app[SANDBOX].faults
    if faults.latency_ms:
        await asyncio.sleep(faults.latency_ms / 1_000)
    status, wait = faults.strikes(), faults.retry_after_s
    if status and faults.fail_after:
        await handler(request)
    if status:
        raise injected(status, "The panel of the sandbox asked for this.", wait)
    return await handler(request)


async def tell_the_time(request: web.Request, response: web.StreamResponse) -> None:
    """`Date` by the sandbox's clock: what a client measures its own against."""
    response.headers["Date"] = format_datetime(request.app[SANDBOX].now(), usegmt=True)


CODES = {
    401: "bad.credentials",
    403: "not.authorized",
    404: "not.found",
    405: "method.not.allowed",
    409: "conflict",
    429: "too.many.requests.retry.after",
    503: "service.unavailable",
    504: "authentication.request.timeout",
}


def injected(status: int, why: str, wait: int = 0) -> Refused:
    """A refusal with this status; 429 and 503 say when to come back."""
    error = Refused(why, retry_after=wait if status in (429, 503) else 0)
    error.status = status
    error.code = CODES.get(status, "bad.request" if status < 500 else "internal.server.error")
    return error


@web.middleware
async def only_from_here(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuses other names for this machine: a web page elsewhere must not reach it by one (DNS rebinding)."""
    host = request.url.host
    if host not in LOOPBACK:
        raise web.HTTPForbidden(reason="The sandbox answers on 127.0.0.1 and localhost only.")
    return await handler(request)
