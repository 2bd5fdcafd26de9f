"""Cuts `twilio.json` out of the OpenAPI that Twilio publishes: the operations that agentdesk uses.

The file comes with `@twilio/cli-core` 8.3.2 on npm (`npm pack`), `src/services/twilio-api/twilio_taskrouter_v1.json`
(Apache-2.0). Run: python -m tests.contracts.derive_twilio FILE. Nothing but descriptions and examples is left out.
"""

import json
import sys
from pathlib import Path
from typing import Any

CONTRACT = Path(__file__).parent / "twilio.json"
W = "/v1/Workspaces/{WorkspaceSid}"
OPERATIONS = {
    f"{W}/Tasks": ("get", "post"),
    f"{W}/Tasks/{{Sid}}": ("get", "post"),
    f"{W}/Tasks/{{TaskSid}}/Reservations": ("get",),
    f"{W}/Tasks/{{TaskSid}}/Reservations/{{Sid}}": ("get", "post"),
    f"{W}/Workers": ("get",),
    f"{W}/Workers/{{Sid}}": ("get", "post"),
    f"{W}/Workers/{{WorkerSid}}/Channels": ("get",),
    f"{W}/Workers/{{WorkerSid}}/Reservations": ("get",),
    f"{W}/TaskQueues": ("get",),
    f"{W}/Activities": ("get",),
    f"{W}/Activities/{{Sid}}": ("get",),
    f"{W}/Workflows/{{Sid}}": ("get",),
    f"{W}/Events": ("get",),
}
DROPPED = {"description", "examples", "example", "x-twilio", "x-path-type", "tags", "deprecated"}


def cut(whole: dict[str, Any]) -> dict[str, Any]:
    """The contract as it is written to the file."""
    paths = {
        path: {method: _bare(whole["paths"][path][method]) for method in methods}
        for path, methods in OPERATIONS.items()
    }
    schemas: dict[str, Any] = {}
    _with_named(paths, whole["components"]["schemas"], schemas)
    about = whole["info"]
    return {
        "openapi": whole["openapi"],
        "info": {
            "title": f"The operations of {about['title']} that agentdesk uses",
            "version": about["version"],
            "description": "Cut by derive_twilio.py out of @twilio/cli-core 8.3.2, without descriptions and examples.",
            "license": about["license"],
        },
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": whole["components"]["securitySchemes"],
        },
    }


def _bare(value: Any, named: bool = False) -> Any:
    """Under *named* the keys are names that Twilio gave: none of them is dropped."""
    if isinstance(value, list):
        return [_bare(one) for one in value]
    if not isinstance(value, dict):
        return value
    kept = {name: one for name, one in value.items() if named or name not in DROPPED}
    bare = {name: _bare(one, not named and name == "properties") for name, one in kept.items()}
    if "content" in bare or "headers" in bare:
        bare.setdefault("description", "")  # of an answer it must be there
    return bare


def _with_named(value: Any, schemas: dict[str, Any], into: dict[str, Any]) -> None:
    if isinstance(value, list):
        for one in value:
            _with_named(one, schemas, into)
    elif isinstance(value, dict):
        name = str(value.get("$ref", "")).rpartition("/")[2]
        if name in schemas and name not in into:
            into[name] = _bare(schemas[name])
            _with_named(into[name], schemas, into)
        for one in value.values():
            _with_named(one, schemas, into)


if __name__ == "__main__":
    contract = cut(json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    CONTRACT.write_text(json.dumps(contract, indent=1) + "\n", encoding="utf-8")
    count = sum(len(methods) for methods in contract["paths"].values())
    print(f"{count} operations, {len(contract['components']['schemas'])} schemas -> {CONTRACT}")
