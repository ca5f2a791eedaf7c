"""Starts one delivery, shows that starting it again is harmless, and waits for its outcome."""

import argparse
import asyncio
import hashlib
import hmac
import os
import sys
import time
import uuid
from datetime import datetime, timedelta, timezone
from typing import Any

from temporalio.client import Client, WorkflowFailureError, WorkflowHandle, WorkflowQueryFailedError
from temporalio.common import (
    Priority,
    SearchAttributeKey,
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.envconfig import ClientConfig
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError

Message = dict[str, Any]


def message_id_for(secret: str, name: str) -> str:
    """The same name always gives the same UUID, and nobody without the secret can guess it."""
    if len(secret.encode()) < 16:
        sys.exit("set MESSAGE_ID_SECRET to at least 16 bytes, always the same")
    digest = bytearray(hmac.digest(secret.encode(), name.encode(), hashlib.sha256)[:16])
    digest[6] = digest[6] & 0x0F | 0x80  # version 8 (RFC 9562)
    digest[8] = digest[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(digest)))


def ttl_of(message: Message) -> timedelta:
    return timedelta(seconds=float(message["ttl"].removesuffix("s")))


def search_attributes(message: Message) -> TypedSearchAttributes:
    """What operators find deliveries by. The workflow keeps up to date those that it was started with."""
    return TypedSearchAttributes(
        [
            SearchAttributePair(SearchAttributeKey.for_keyword("DeliveryStatus"), "STARTED"),
            SearchAttributePair(SearchAttributeKey.for_keyword("RbmAgentId"), message["agentId"]),
            SearchAttributePair(SearchAttributeKey.for_keyword("MessageTrafficType"), message["messageTrafficType"]),
            SearchAttributePair(SearchAttributeKey.for_datetime("ExpireTime"), datetime.now(timezone.utc) + ttl_of(message)),
            SearchAttributePair(SearchAttributeKey.for_bool("IsDuplicate"), False),
            SearchAttributePair(SearchAttributeKey.for_keyword("FallbackReason"), "none"),
        ]
    )


def task_queue(message: Message) -> str:
    """Promotions have a queue of their own, so that thousands of them delay no code."""
    stem = os.environ.get("TASK_QUEUE", "message-delivery")
    return f"{stem}-bulk" if message["messageTrafficType"] == "PROMOTION" else stem


def priority(message: Message) -> Priority:
    """Which message goes first when many wait for a worker (1 before 5), and each agent's share of a backlog."""
    keys = {"AUTHENTICATION": 1, "ACKNOWLEDGEMENT": 3, "PROMOTION": 5}
    # A fairness key has at most 64 bytes.
    return Priority(priority_key=keys.get(message["messageTrafficType"], 2), fairness_key=message["agentId"][-64:])


def memo(message: Message) -> dict[str, Any] | None:
    """A delivery that expires within an hour stays on the version of the worker that began it."""
    return {"shortLived": True} if ttl_of(message) <= timedelta(hours=1) else None


async def start(
    client: Client, message: Message, reuse: WorkflowIDReusePolicy = WorkflowIDReusePolicy.REJECT_DUPLICATE
) -> WorkflowHandle[Any, Any]:
    """A second start of the same message returns the first delivery, running or ended."""
    workflow_id = f"message-delivery:{message['agentId']}:{message['messageId']}"
    try:
        return await client.start_workflow(
            "messageDelivery",
            message,
            id=workflow_id,
            task_queue=task_queue(message),
            priority=priority(message),
            memo=memo(message),
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=reuse,
            search_attributes=search_attributes(message),
        )
    except WorkflowAlreadyStartedError:  # it has ended
        existing = client.get_workflow_handle(workflow_id)
        if reuse == WorkflowIDReusePolicy.REJECT_DUPLICATE and await failed_on_input(existing):
            return await start(client, message, WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY)
        return existing


async def failed_on_input(ended: WorkflowHandle[Any, Any]) -> bool:
    """Only then was nothing sent. Another failed or terminated delivery may have sent the message or the SMS."""
    try:
        await ended.result()
        return False
    except WorkflowFailureError as failed:
        refused = ("InvalidInput", "EncryptionRequired")
        return isinstance(failed.cause, ApplicationError) and failed.cause.type in refused


async def run_id(delivery: WorkflowHandle[Any, Any]) -> str:
    return (await delivery.describe()).run_id


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipient", help="a phone number in E.164, such as +15550100001")
    parser.add_argument("--revoke", action="store_true", help="revoke the message at once, and send the SMS")
    args = parser.parse_args()

    # What the message is about. Here each run is another order, unless you name one.
    order = os.environ.get("ORDER_ID", str(time.time_ns()))
    text = "Your code is 482913"
    message: Message = {
        "agentId": os.environ.get("AGENT_ID", "acme-agent"),
        "messageId": message_id_for(os.environ.get("MESSAGE_ID_SECRET", ""), f"order/{order}/code"),
        "recipient": args.recipient,
        "contentMessage": {"text": text},
        "messageTrafficType": os.environ.get("TRAFFIC_TYPE", "AUTHENTICATION"),
        "ttl": "60s",  # the head start that RCS gets before the SMS
        "fallback": {"sms": {"text": text}},
    }

    # TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, TEMPORAL_TLS_*
    connection = ClientConfig.load_client_connect_config()
    connection.setdefault("target_host", "localhost:7233")
    client = await Client.connect(**connection)

    delivery = await start(client, message)
    first = await run_id(delivery)
    print("started", delivery.id)

    again = await start(client, message)
    print("started again:", "the same delivery" if await run_id(again) == first else "ANOTHER delivery")

    try:
        status = await delivery.query("status")
        print("status", status["status"])
    except WorkflowQueryFailedError:  # it refused its input: the result says why
        await delivery.result()

    if args.revoke:
        status = await delivery.execute_update("revokeNow", {"reason": "asked for in the example", "fallback": "sms"})
        print("revokeNow answered", status["status"])

    result = await delivery.result()
    print("outcome", result["outcome"], "by", result["channel"])

    ended = await start(client, message)
    print("started after its end:", "the same delivery" if await run_id(ended) == first else "ANOTHER delivery")


if __name__ == "__main__":
    code = 0
    try:
        asyncio.run(main())
    except WorkflowFailureError as failed:
        print(f"the delivery failed: {failed.cause}", file=sys.stderr)
        code = 1
    # Else some runs crash as the interpreter ends: https://github.com/temporalio/sdk-python/issues/300
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
