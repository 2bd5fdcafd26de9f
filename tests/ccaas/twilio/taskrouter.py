"""A TaskRouter on loopback that remembers: what Prism's mock cannot. Every request and every answer is held
to the vendor's OpenAPI. It offers nothing by itself: a test says who is reserved, and when time is up.
"""

import json
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from email.utils import format_datetime
from functools import cache
from hashlib import md5
from pathlib import Path
from typing import Any

from aiohttp import web
from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest, MockResponse

from agentdesk.domain.clock import ManualClock

CONTRACT = Path(__file__).parents[2] / "contracts" / "twilio.json"
ACCOUNT, SECRET = "AC" + "a" * 32, "the auth token of a test"
WORKSPACE, WORKFLOW = "WS" + "b" * 32, "WW" + "c" * 32
QUEUES = ("Support", "Billing")
AGENTS = ("Ana Ruiz", "Ben Okafor")
ACTIVITIES = {"Available": True, "Lunch": False, "Offline": False}
PATIENCE_S = 120
W = f"/v1/Workspaces/{WORKSPACE}"


def sid(prefix: str, name: object) -> str:
    """An id as the contract wants it."""
    return prefix + md5(str(name).encode(), usedforsecurity=False).hexdigest()


@cache
def checker() -> OpenAPI:
    return OpenAPI.from_dict(json.loads(CONTRACT.read_text(encoding="utf-8")))


class TaskRouterServer:
    """`violations` is what went against the contract, `asked` method and path of each request, `operations`
    those that succeeded, `forms` what was sent. `faults` are for the next requests, one each: an answer,
    or what happens just before.
    """

    def __init__(self, clock: ManualClock) -> None:
        self.clock = clock
        self.tasks: dict[str, dict[str, Any]] = {}
        self.held: dict[str, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self.workers = {sid("WK", name): self._worker(name) for name in AGENTS}
        self.versions: dict[str, int] = {}
        self.violations: list[str] = []
        self.asked: list[tuple[str, str]] = []
        self.operations: set[tuple[str, str]] = set()
        self.forms: list[dict[str, str]] = []
        self.faults: list[web.Response | Callable[[], Awaitable[None]]] = []
        self.lost_answers = 0
        self.page_size = 1000
        self.secret = SECRET

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._outside])
        app.add_routes(
            [
                web.get(f"{W}/Tasks", self._tasks),
                web.post(f"{W}/Tasks", self._create),
                web.get(f"{W}/Tasks/{{task}}", self._task),
                web.post(f"{W}/Tasks/{{task}}", self._update),
                web.get(f"{W}/Tasks/{{task}}/Reservations", self._reservations),
                web.get(f"{W}/Tasks/{{task}}/Reservations/{{one}}", self._reservation),
                web.post(f"{W}/Tasks/{{task}}/Reservations/{{one}}", self._answer),
                web.get(f"{W}/Workers", self._list_workers),
                web.get(f"{W}/Workers/{{worker}}", self._one_worker),
                web.post(f"{W}/Workers/{{worker}}", self._set_worker),
                web.get(f"{W}/Workers/{{worker}}/Channels", self._channels),
                web.get(f"{W}/Workers/{{worker}}/Reservations", self._reservations),
                web.get(f"{W}/TaskQueues", self._queues),
                web.get(f"{W}/Activities", self._activities),
                web.get(f"{W}/Activities/{{one}}", self._activity),
                web.get(f"{W}/Workflows/{{one}}", self._workflow),
                web.get(f"{W}/Events", self._events),
            ]
        )
        return app

    # What a test says

    def reserve(self, task: str, agent: str) -> str:
        """Offer a task to an agent; the reservation's id."""
        one = sid("WR", len(self.events))
        self.held[one] = {
            "account_sid": ACCOUNT,
            "workspace_sid": WORKSPACE,
            "sid": one,
            "task_sid": task,
            "worker_sid": sid("WK", agent),
            "worker_name": agent,
            "date_created": self._now(),
        }
        self._become(one, "pending", "created", "reserved")
        return one

    def time_out(self, one: str) -> None:
        self._become(one, "timeout", "timeout", "pending")

    def take(self, one: str) -> None:
        """As the agent does in another program."""
        self._become(one, "accepted", "accepted", "assigned")

    def wrapping(self, one: str) -> None:
        """As another program says that the work is done."""
        self._become(one, "wrapping", "wrapup", "wrapping")

    def be(self, agent: str, activity: str) -> None:
        """An agent's activity becomes another one."""
        worker = self.workers[sid("WK", agent)]
        worker["activity_sid"], worker["activity_name"] = sid("WA", activity), activity
        worker["available"], worker["date_status_changed"] = ACTIVITIES[activity], self._now()
        self.versions[worker["sid"]] = self.versions.get(worker["sid"], 0) + 1
        self._log("worker.activity.update", worker=worker["sid"])

    def delete(self, task: str) -> None:
        """As minutes after its end."""
        del self.tasks[task]
        self.held = {k: v for k, v in self.held.items() if v["task_sid"] != task}

    def attributes(self, task: str) -> dict[str, Any]:
        return json.loads(self.tasks[task]["attributes"])

    def write(self, task: str, attributes: Mapping[str, Any]) -> None:
        """As another program does."""
        self._change(task, attributes=json.dumps(attributes))

    def status(self, one: str) -> str:
        return self.held[one]["reservation_status"]

    # The wire

    @web.middleware
    async def _outside(self, request: web.Request, handler: Any) -> web.StreamResponse:
        data = await request.read()
        seen = MockRequest(
            "https://taskrouter.twilio.com",
            request.method,
            request.path,
            args={name: request.query.getall(name) for name in request.query},
            headers=dict(request.headers),
            data=data or None,
            content_type=request.content_type if data else "",
        )
        self.asked.append((request.method, request.path.removeprefix(W)))
        self._look(lambda: checker().validate_request(seen), seen)
        response = await self._behave(request, handler)
        response.headers["Date"] = format_datetime(self.clock.now(), usegmt=True)
        if response.status < 300 and request.match_info.route.resource is not None:
            self.operations.add((request.method, request.match_info.route.resource.canonical))
        if response.status < 300 and response.content_type == "application/json":
            assert isinstance(response.body, bytes)
            mock = MockResponse(
                response.body,
                status_code=response.status,
                content_type=response.content_type,
                headers=dict(response.headers),
            )
            self._look(lambda: checker().validate_response(seen, mock), seen)
        return response

    def _look(self, look: Callable[[], object], seen: MockRequest) -> None:
        try:
            look()
        except OpenAPIError as error:
            self.violations.append(f"{seen.method} {seen.path}: {error!r} {error.__cause__!r}")

    async def _behave(self, request: web.Request, handler: Any) -> web.Response:
        login = b64encode(f"{ACCOUNT}:{self.secret}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {login}":
            return refused(401, 20003, "Authenticate")
        if self.faults:
            fault = self.faults.pop(0)
            if isinstance(fault, web.Response):
                return fault
            await fault()
        try:
            response = await handler(request)
        except KeyError:
            return refused(404, 20404, "The requested resource was not found")
        if self.lost_answers and request.method == "POST":
            self.lost_answers -= 1
            return refused(503, 20503, "Service Unavailable")
        return response

    # Tasks

    async def _create(self, request: web.Request) -> web.Response:
        form = await self._form(request)
        task = sid("WT", f"task {len(self.events)}")
        target = form.get("RoutingTarget", "")
        self.tasks[task] = {
            "account_sid": ACCOUNT,
            "workspace_sid": WORKSPACE,
            "sid": task,
            "assignment_status": "pending",
            "attributes": form["Attributes"],
            "priority": int(form["Priority"]),
            "timeout": int(form["Timeout"]),
            "task_queue_sid": target if target.startswith("WQ") else sid("WQ", "Support"),
            "routing_target": target,
            "ignore_capacity": form.get("IgnoreCapacity") == "true",
            "task_channel_unique_name": form["TaskChannel"],
            "workflow_sid": form["WorkflowSid"],
            "date_created": self._now(),
            "date_updated": self._now(),
        }
        self._log("task.created", task)
        return self._one(self.tasks[task], 201)

    async def _tasks(self, request: web.Request) -> web.Response:
        found = list(self.tasks.values())
        if said := request.query.get("EvaluateTaskAttributes"):
            match = re.fullmatch(r"([\w.]+) == '([^']*)'", said)
            assert match, said
            found = [
                one for one in found if _at(json.loads(one["attributes"]), match[1]) == match[2]
            ]
        found.reverse()  # no order is promised of those that match
        return self._page(request, "tasks", [{**one, "attributes": None} for one in found])

    async def _task(self, request: web.Request) -> web.Response:
        return self._one(self.tasks[request.match_info["task"]])

    async def _update(self, request: web.Request) -> web.Response:
        form, task = await self._form(request), request.match_info["task"]
        now = self.tasks[task]["assignment_status"]
        if self._is_stale(request, task):
            return refused(412, 20412, "Precondition Failed")
        status = form.get("AssignmentStatus")
        if status == "canceled" and now not in ("pending", "reserved"):
            return refused(400, 20001, "Cannot cancel a task that is not pending or reserved.")
        if status == "completed" and now not in ("assigned", "wrapping"):
            return refused(400, 20001, "Cannot complete a task that is not currently assigned.")
        changes = {"attributes": form.get("Attributes"), "reason": form.get("Reason")}
        self._change(task, **{k: v for k, v in changes.items() if v is not None})
        if status:
            self._over(task, status)
        return self._one(self.tasks[task])

    def _over(self, task: str, status: str) -> None:
        for one, held in self.held.items():
            if held["task_sid"] == task and held["reservation_status"] in ("accepted", "wrapping"):
                self._become(one, "completed", "completed", status)
            elif held["task_sid"] == task and held["reservation_status"] == "pending":
                self._become(one, "canceled", "canceled", status)
        self._change(task, assignment_status=status)
        self._log(f"task.{status}", task)

    def _is_stale(self, request: web.Request, what: str) -> bool:
        return request.headers.get("If-Match", self._version(what)) != self._version(what)

    # Reservations

    async def _reservations(self, request: web.Request) -> web.Response:
        task, worker = request.match_info.get("task"), request.match_info.get("worker")
        if task and task not in self.tasks:
            raise KeyError(task)
        status = request.query.get("ReservationStatus")
        found = [
            one
            for one in self.held.values()
            if (task in (None, one["task_sid"]) and worker in (None, one["worker_sid"]))
            and status in (None, one["reservation_status"])
        ]
        return self._page(request, "reservations", found)

    async def _reservation(self, request: web.Request) -> web.Response:
        return self._one(self.held[request.match_info["one"]])

    async def _answer(self, request: web.Request) -> web.Response:
        form, one = await self._form(request), self.held[request.match_info["one"]]
        if one["reservation_status"] != "pending":
            return refused(400, 20001, "The reservation is not currently pending.")
        status = form["ReservationStatus"]
        self._become(
            one["sid"], status, status, {"accepted": "assigned", "rejected": "pending"}[status]
        )
        return self._one(one)

    def _become(self, one: str, status: str, event: str, task_status: str) -> None:
        self.held[one] |= {"reservation_status": status, "date_updated": self._now()}
        self._change(self.held[one]["task_sid"], assignment_status=task_status)
        self._log(f"reservation.{event}", self.held[one]["task_sid"], one)

    # Workers and the rest

    def _worker(self, name: str) -> dict[str, Any]:
        email = f"{name.split()[0].lower()}@example.com"
        return {
            "account_sid": ACCOUNT,
            "workspace_sid": WORKSPACE,
            "sid": sid("WK", name),
            "friendly_name": name,
            "activity_sid": sid("WA", "Available"),
            "activity_name": "Available",
            "available": True,
            "attributes": json.dumps({"email": email}),
            "date_status_changed": self._now(),
        }

    async def _list_workers(self, request: web.Request) -> web.Response:
        return self._page(request, "workers", list(self.workers.values()))

    async def _one_worker(self, request: web.Request) -> web.Response:
        return self._one(self.workers[request.match_info["worker"]])

    async def _set_worker(self, request: web.Request) -> web.Response:
        form, worker = await self._form(request), self.workers[request.match_info["worker"]]
        if self._is_stale(request, worker["sid"]):
            return refused(412, 20412, "Precondition Failed")
        pending = [
            one["sid"]
            for one in self.held.values()
            if one["worker_sid"] == worker["sid"] and one["reservation_status"] == "pending"
        ]
        name = next(name for name in ACTIVITIES if sid("WA", name) == form["ActivitySid"])
        if pending and not ACTIVITIES[name] and "RejectPendingReservations" not in form:
            return refused(400, 20001, "The worker has pending reservations.")
        for one in () if ACTIVITIES[name] else pending:
            self._become(one, "rejected", "rejected", "pending")
        self.be(worker["friendly_name"], name)
        return self._one(worker)

    async def _channels(self, request: web.Request) -> web.Response:
        worker = request.match_info["worker"]
        used = [
            one
            for one in self.held.values()
            if one["worker_sid"] == worker
            and one["reservation_status"] in ("pending", "accepted", "wrapping")
        ]
        channels = [
            {
                "sid": sid("WC", name),
                "worker_sid": worker,
                "task_channel_unique_name": name,
                "configured_capacity": 3,
                "assigned_tasks": len(used) if name == "default" else 1,
                "available": True,
            }
            for name in ("voice", "default")
        ]
        return self._page(request, "channels", channels)

    async def _queues(self, request: web.Request) -> web.Response:
        found = [{"sid": sid("WQ", name), "friendly_name": name} for name in QUEUES]
        return self._page(request, "task_queues", found)

    async def _activities(self, request: web.Request) -> web.Response:
        return self._page(request, "activities", [_activity(name) for name in ACTIVITIES])

    async def _activity(self, request: web.Request) -> web.Response:
        found = {sid("WA", name): name for name in ACTIVITIES}
        return self._one(_activity(found[request.match_info["one"]]))

    async def _workflow(self, request: web.Request) -> web.Response:
        return self._one({"sid": request.match_info["one"], "task_reservation_timeout": PATIENCE_S})

    async def _events(self, request: web.Request) -> web.Response:
        since, task = request.query.get("StartDate", ""), request.query.get("TaskSid")
        start = datetime.fromisoformat(since or "2000-01-01T00:00:00Z")
        found = [
            one
            for one in reversed(self.events)
            if datetime.fromisoformat(one["event_date"]) >= start
            and task in (None, one["event_data"].get("task_sid"))
        ]
        return self._page(request, "events", found)

    # Inside

    def _log(self, kind: str, task: str = "", held: str = "", worker: str = "") -> None:
        data: dict[str, str] = {}
        if task:
            one = self.tasks[task]
            data |= {"task_sid": task, "task_attributes": one["attributes"]}
            data["task_queue_sid"] = one["task_queue_sid"]
            data["task_channel_unique_name"] = one["task_channel_unique_name"]
        if held:
            data |= {"reservation_sid": held, "worker_sid": self.held[held]["worker_sid"]}
        if worker:
            data["worker_sid"] = worker
        number = len(self.events)
        self.events.append(
            {
                "sid": sid("EV", number),
                "event_type": kind,
                "event_date": self._now(),
                "event_date_ms": int(self.clock.now().timestamp() * 1000) + number,
                "event_data": data,
                "resource_type": "reservation" if held else "task" if task else "worker",
                "resource_sid": held or task or worker,
            }
        )

    def _change(self, task: str, **changes: Any) -> None:
        self.tasks[task] |= {**changes, "date_updated": self._now()}
        self.versions[task] = self.versions.get(task, 0) + 1

    def _now(self) -> str:
        return self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def _version(self, what: str) -> str:
        return f'"{self.versions.get(what, 0)}"'

    async def _form(self, request: web.Request) -> dict[str, str]:
        form = {name: str(value) for name, value in (await request.post()).items()}
        self.forms.append(form)
        return form

    def _one(self, value: dict[str, Any], status: int = 200) -> web.Response:
        headers = {"ETag": self._version(value["sid"])}
        return web.json_response(value, status=status, headers=headers)

    def _page(self, request: web.Request, key: str, found: list[dict[str, Any]]) -> web.Response:
        page = int(request.query.get("Page", "0"))
        size = min(self.page_size, int(request.query.get("PageSize", "50")))
        following = request.url.update_query(Page=page + 1, PageToken="t", PageSize=size)
        url = str(
            following.with_scheme("https").with_host("elsewhere.invalid")
        )  # not to be gone to
        more = len(found) > (page + 1) * size
        meta = {"key": key, "page": page, "page_size": size, "next_page_url": url if more else None}
        return web.json_response({key: found[page * size : (page + 1) * size], "meta": meta})


def refused(status: int, code: int, message: str, **headers: str) -> web.Response:
    """An error as Twilio writes them."""
    more = f"https://www.twilio.com/docs/errors/{code}"
    body = {"code": code, "message": message, "more_info": more, "status": status}
    return web.json_response(body, status=status, headers=headers)


def _activity(name: str) -> dict[str, Any]:
    return {"sid": sid("WA", name), "friendly_name": name, "available": ACTIVITIES[name]}


def _at(value: Any, steps: str) -> object:
    for step in steps.split("."):
        value = value.get(step) if isinstance(value, dict) else None
    return value
