#!/bin/sh
# Starts one delivery, shows that starting it again is harmless, and waits for its outcome.
# usage: deliver.sh RECIPIENT [--revoke]    (a phone number in E.164, such as +15550100001)
set -eu

recipient=${1:?usage: deliver.sh RECIPIENT [--revoke]}
agent=${AGENT_ID:-acme-agent}
message=${MESSAGE_ID:-$(uuidgen)}
message=$(printf '%s' "$message" | tr '[:upper:]' '[:lower:]')
workflow="message-delivery:$agent:$message"

input=$(cat <<JSON
{
  "agentId": "$agent",
  "messageId": "$message",
  "recipient": "$recipient",
  "contentMessage": { "text": "Your code is 482913" },
  "messageTrafficType": "AUTHENTICATION",
  "ttl": "600s",
  "fallback": { "sms": { "text": "Your code is 482913" } }
}
JSON
)

# ExpireTime: as GNU and BusyBox write it, else as BSD and macOS do
expires=$(($(date +%s) + 600))
expires=$(date -u -d "@$expires" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -r "$expires" +%Y-%m-%dT%H:%M:%SZ)

# A second start of the same message returns the first delivery, running or ended. Operators find deliveries by the search
# attributes; the workflow keeps up to date those that it was started with.
start() {
  temporal workflow start --type messageDelivery --task-queue message-delivery --workflow-id "$workflow" \
    --id-conflict-policy UseExisting --id-reuse-policy RejectDuplicate --input "$input" \
    --search-attribute 'DeliveryStatus="AWAITING_DELIVERY"' --search-attribute "RbmAgentId=\"$agent\"" \
    --search-attribute 'MessageTrafficType="AUTHENTICATION"' --search-attribute "ExpireTime=\"$expires\"" \
    --search-attribute IsDuplicate=false
}

echo "## start"
start

echo "## start again: the same RunId"
start

echo "## status"
status=$(temporal workflow query --workflow-id "$workflow" --type status 2>&1) || {
  # It refused its input: its failure says why
  reason=$(temporal workflow describe --workflow-id "$workflow" | sed -n 's/^ *Message: //p')
  echo "the delivery failed: ${reason:-$status}" >&2
  exit 1
}
echo "$status"

if [ "${2:-}" = --revoke ]; then
  echo "## revokeNow"
  temporal workflow update execute --workflow-id "$workflow" --name revokeNow \
    --input '{"reason": "asked for in the example", "fallback": "sms"}'
fi

echo "## result"
temporal workflow result --workflow-id "$workflow"

echo "## start after its end: still the same RunId"
start
