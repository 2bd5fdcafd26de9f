"""Derives `genesys.json`, an OpenAPI 3 contract, from the vendor's own SDK for Python.

Run it where PureCloudPlatformClientV2 is installed: `python tests/contracts/derive.py`. The SDK says paths,
methods, parameters, and for each model its wire names, types and values; it does not say which
fields are required, nor which status a success has. Objects are closed: a field that the SDK does not
know is a violation.
"""

import importlib
import inspect
import json
import re
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

SDK = "PureCloudPlatformClientV2"
CONTRACT = Path(__file__).parent / "genesys.json"
OPERATIONS = {
    "Conversations": [
        "post_conversations_emails",
        "get_conversations_emails",
        "get_conversations_email",
        "post_conversations_email_inboundmessages",
        "patch_conversations_email_participant",
        "patch_conversations_email_participant_attributes",
        "patch_conversations_email_participant_communication",
        "patch_conversations_email_participant_parkingstate",
        "get_conversations_email_participant_wrapupcodes",
        "get_conversations_email_participant_communication_wrapup",
        "post_conversations_email_participant_communication_wrapup",
        "post_conversation_disconnect",
        "post_conversation_participant_replace_queue",
        "post_conversation_participant_replace_agent",
        "get_conversation",
    ],
    "Analytics": ["post_analytics_queues_observations_query"],
    "Routing": [
        "get_routing_queues",
        "get_routing_queue_members",
        "get_routing_queue_wrapupcodes",
        "get_routing_user_utilization",
        "get_routing_wrapupcodes",
    ],
    "Users": [
        "get_users_me",
        "get_users",
        "get_user_queues",
        "get_user_routingstatus",
        "put_user_routingstatus",
    ],
    "Presence": ["get_user_presence", "patch_user_presence", "get_presence_definitions"],
    "Notifications": [
        "post_notifications_channels",
        "get_notifications_channel_subscriptions",
        "post_notifications_channel_subscriptions",
        "put_notifications_channel_subscriptions",
        "delete_notifications_channel_subscriptions",
    ],
}
EVENTS = ["ConversationEmailEventTopicEmailConversation"]  # pushed, so that no operation names it
SIMPLE: dict[str, dict[str, Any]] = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "datetime": {"type": "string", "format": "date-time"},
    "date": {"type": "string", "format": "date"},
    "object": {},
}


class Derived:
    """Schemas met so far; each is derived once."""

    def __init__(self, models: Any) -> None:
        self._models = models
        self.schemas: dict[str, dict[str, Any]] = {}

    def type_of(self, name: str) -> dict[str, Any]:
        """The schema of a type as the SDK writes it: `list[Email]`, `dict(str, str)`, `datetime`."""
        if inner := re.fullmatch(r"[Ll]ist\[(.+)\]", name):
            return {"type": "array", "items": self.type_of(inner[1].strip("'"))}
        if inner := re.fullmatch(r"dict\(str, (.+)\)", name):
            return {"type": "object", "additionalProperties": self.type_of(inner[1])}
        if name in SIMPLE:
            return dict(SIMPLE[name])
        if not hasattr(self._models, name):
            return {}
        if name not in self.schemas:
            self.schemas[name] = {}
            self.schemas[name] = self._model(getattr(self._models, name))
        return {"$ref": f"#/components/schemas/{name}"}

    def _model(self, model: Any) -> dict[str, Any]:
        made = model()
        properties = {
            made.attribute_map[field]: self._field(model, field, kind)
            for field, kind in sorted(made.swagger_types.items())
        }
        return {"type": "object", "additionalProperties": False, "properties": properties}

    def _field(self, model: Any, field: str, kind: str) -> dict[str, Any]:
        schema = self.type_of(kind)
        source = inspect.getsource(getattr(model, field).fset)
        values = re.search(r"allowed_values = (\[.*?\])", source)
        if values and schema == SIMPLE["str"]:
            schema["enum"] = json.loads(values[1])
        return schema


def _parameters(source: str, doc: str, derived: Derived) -> list[dict[str, Any]]:
    documented = re.findall(r":param (list\[str\]|\w+) (\w+):", doc)
    kinds = {name: kind for kind, name in documented}
    found: list[dict[str, Any]] = []
    for place in ("path", "query"):
        for wire, name in re.findall(rf"{place}_params\['([^']+)'\] = params\['(\w+)'\]", source):
            schema = derived.type_of(kinds.get(name, "str"))
            found.append({"name": wire, "in": place, "required": place == "path", "schema": schema})
    return found


def _operation(function: Any, derived: Derived) -> tuple[str, str, dict[str, Any]]:
    source, doc = inspect.getsource(function), function.__doc__ or ""
    path = re.search(r"resource_path = '([^']+)'", source)
    method = re.search(r"call_api\(resource_path, '(\w+)'", source)
    answer = re.search(r"response_type=(?:'([^']+)'|None)", source)
    assert path
    assert method
    assert answer
    success: dict[str, Any] = {"description": "Success"}
    if answer[1] and answer[1] != "object":
        success["content"] = {"application/json": {"schema": derived.type_of(answer[1])}}
    error = {"application/json": {"schema": derived.type_of("ErrorBody")}}
    operation: dict[str, Any] = {
        "operationId": function.__name__,
        "parameters": _parameters(source, doc, derived),
        "responses": {"2XX": success, "default": {"description": "Error", "content": error}},
    }
    if body := re.search(r":param (\S+) body: .*?(\(required\))?$", doc, re.MULTILINE):
        content = {"application/json": {"schema": derived.type_of(body[1])}}
        operation["requestBody"] = {"required": bool(body[2]), "content": content}
    return path[1], method[1].lower(), operation


def derive() -> dict[str, Any]:
    """The contract as it is written to the file."""
    package = importlib.import_module(SDK)
    derived = Derived(package)
    paths: dict[str, dict[str, Any]] = {}
    for group, names in OPERATIONS.items():
        api = getattr(package, f"{group}Api")
        for name in names:
            path, method, operation = _operation(getattr(api, name), derived)
            paths.setdefault(path, {})[method] = operation
    for name in EVENTS:
        derived.type_of(name)
    about = metadata(SDK)
    return {
        "openapi": "3.0.3",
        "info": {
            "title": "The operations of the Genesys Cloud platform API that agentdesk uses",
            "version": about["Version"],
            "description": f"Derived by derive.py from {SDK} {about['Version']}. No field is known to be required.",
            "license": {"name": about["License-Expression"]},
        },
        "paths": dict(sorted(paths.items())),
        "components": {"schemas": dict(sorted(derived.schemas.items()))},
    }


if __name__ == "__main__":
    contract = derive()
    CONTRACT.write_text(json.dumps(contract, indent=1) + "\n", encoding="utf-8")
    count = sum(len(methods) for methods in contract["paths"].values())
    print(f"{count} operations, {len(contract['components']['schemas'])} schemas -> {CONTRACT}")
