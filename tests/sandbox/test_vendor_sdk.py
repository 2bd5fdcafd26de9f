"""The vendor's own SDK as a second client of the sandbox, and as the source of the contract."""

import asyncio
import importlib
import importlib.util
import json

import pytest

from tests.contracts.checking import CONTRACT, contract
from tests.sandbox.wire import Wire, agent_id, queue_id, wrapup_id

needs_sdk = pytest.mark.skipif(
    importlib.util.find_spec("PureCloudPlatformClientV2") is None,
    reason="the vendor's SDK is not installed: pip install -e '.[contracts]' (172 MB)",
)


def test_the_contract_names_its_source_and_licence_and_no_registry() -> None:
    info = contract()["info"]
    assert info["license"] == {"name": "MIT"}
    assert info["version"][0].isdigit()
    text = CONTRACT.read_text(encoding="utf-8")
    assert "://" not in text


@needs_sdk
def test_the_contract_is_what_the_installed_sdk_says() -> None:
    from tests.contracts.derive import derive

    derived = json.loads(json.dumps(derive()))
    if derived["info"]["version"] != contract()["info"]["version"]:
        pytest.skip(f"another version of the SDK: {derived['info']['version']}")
    assert derived == contract()


@needs_sdk
async def test_the_vendors_sdk_hands_over_accepts_wraps_up_and_transfers(wire: Wire) -> None:
    service, ana = await wire.service(), await wire.agent("ana")
    await wire.on_queue("ana")
    await asyncio.to_thread(_a_day, wire.address, service.token, ana.token)
    wire.clock.turn(1)
    shown = (await wire.state())["conversations"]
    assert [t["outcome"] for c in shown for t in c["transfers"]] == ["Complete"]
    coded = [p["wrapup"]["name"] for c in shown for p in c["participants"] if p["wrapup"]]
    assert coded == ["Resolved"]


def _a_day(address: str, service_token: str, agent_token: str) -> None:
    sdk = importlib.import_module("PureCloudPlatformClientV2")

    def apis(token: str) -> tuple[object, object, object]:
        client = sdk.ApiClient(host=address)
        client.access_token = token
        return sdk.ConversationsApi(client), sdk.UsersApi(client), sdk.RoutingApi(client)

    service, _, _ = apis(service_token)
    conversations, users, routing = apis(agent_token)
    assert users.get_users_me().id == agent_id("ana")
    assert routing.get_routing_queues().entities[0].name == "Claims"
    request = sdk.CreateEmailRequest()
    request.queue_id, request.provider = queue_id("Claims"), "agentdesk"
    request.direction, request.subject = "INBOUND", "Kettle"
    made = service.post_conversations_emails(request)
    whole = conversations.get_conversation(made.id)
    part = next(p for p in whole.participants if p.user_id == agent_id("ana"))
    accept = sdk.MediaParticipantRequest()
    accept.state = "connected"
    conversations.patch_conversations_email_participant(made.id, part.id, accept)
    code = sdk.WrapupInput()
    code.code = wrapup_id("Resolved")
    conversations.post_conversations_email_participant_communication_wrapup(
        made.id, part.id, part.emails[0].id, body=code
    )
    target = sdk.TransferToQueueRequest()
    target.queue_id, target.transfer_type = queue_id("Returns"), "Unattended"
    conversations.post_conversation_participant_replace_queue(made.id, part.id, target)
    shown = conversations.get_conversations_email(made.id)
    assert [t.state for t in shown.recent_transfers] == ["Pending"]
    with pytest.raises(sdk.rest.ApiException) as refused:
        conversations.post_conversation_participant_replace_queue(made.id, part.id, target)
    assert refused.value.status == 409
