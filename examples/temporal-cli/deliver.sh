#!/bin/sh
# Starts one delivery, shows that starting it again is harmless, and waits for its outcome.
# usage: deliver.sh RECIPIENT [--revoke]    (a phone number in E.164, such as +15550100001)
set -eu

recipient=${1:?usage: deliver.sh RECIPIENT [--revoke]}
agent=${AGENT_ID:-acme-agent}
# What the message is about. Here each run is another order, unless you name one.
order=${ORDER_ID:-$(date +%s)-$$}
type=${TRAFFIC_TYPE:-AUTHENTICATION}

# Promotions have a queue of their own, so that thousands of them delay no code. The priority says which message goes first
# when many wait for a worker: 1 before 5. The fairness key, at most 64 bytes, gives each agent its share of a backlog.
queue=${TASK_QUEUE:-message-delivery}
priority=2
case $type in
  AUTHENTICATION) priority=1 ;;
  ACKNOWLEDGEMENT) priority=3 ;;
  PROMOTION) priority=5 queue=$queue-bulk ;;
esac
fairness=$(printf '%s' "$agent" | tail -c 64)

# The same name always gives the same UUID, and nobody without the secret can guess it. openssl takes the secret as an
# argument, which everybody on this machine can see: on a shared one, use another language.
message_id_for() {
  [ "$(printf '%s' "$1" | wc -c)" -ge 16 ] || { echo "set MESSAGE_ID_SECRET to at least 16 bytes, always the same" >&2; exit 1; }
  hash=$(printf '%s' "$2" | openssl dgst -sha256 -hmac "$1" -r | cut -c1-32)
  # version 8 (RFC 9562), and the two bits of its variant
  variant=$(printf '%s' "$hash" | cut -c17 | tr 0123456789abcdef 89ab89ab89ab89ab)
  printf '%s' "$hash" | sed -E "s/^(.{8})(.{4}).(.{3}).(.{3})(.{12})\$/\\1-\\2-8\\3-$variant\\4-\\5/"
}
message=$(message_id_for "${MESSAGE_ID_SECRET:-}" "order/$order/code")
workflow="message-delivery:$agent:$message"

input=$(cat <<JSON
{
  "agentId": "$agent",
  "messageId": "$message",
  "recipient": "$recipient",
  "contentMessage": { "text": "Your code is 482913" },
  "messageTrafficType": "$type",
  "ttl": "60s",
  "fallback": { "sms": { "text": "Your code is 482913" } }
}
JSON
)

# The ttl is the head start that RCS gets before the SMS. ExpireTime: as GNU and BusyBox write it, else as BSD and macOS do
expires=$(($(date +%s) + 60))
expires=$(date -u -d "@$expires" +%Y-%m-%dT%H:%M:%SZ 2>/dev/null || date -u -r "$expires" +%Y-%m-%dT%H:%M:%SZ)

# A second start of the same message returns the first delivery, running or ended. Only if that one failed on its input was
# nothing sent: then it is started again. Another failed or terminated delivery may have sent the message or the SMS.
# shortLived: it expires within an hour, and stays on the version of the worker that began it.
# Operators find deliveries by the search attributes; the workflow keeps up to date those that it was started with.
start() {
  reuse=RejectDuplicate
  temporal workflow describe --workflow-id "$workflow" -o json 2>/dev/null |
    grep -Eq '^ *"type": "(InvalidInput|EncryptionRequired)"' && reuse=AllowDuplicateFailedOnly
  temporal workflow start --type messageDelivery --task-queue "$queue" --workflow-id "$workflow" \
    --priority-key "$priority" --fairness-key "$fairness" --memo shortLived=true \
    --id-conflict-policy UseExisting --id-reuse-policy "$reuse" --input "$input" \
    --search-attribute 'DeliveryStatus="STARTED"' --search-attribute "RbmAgentId=\"$agent\"" \
    --search-attribute "MessageTrafficType=\"$type\"" --search-attribute "ExpireTime=\"$expires\"" \
    --search-attribute IsDuplicate=false --search-attribute 'FallbackReason="none"'
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
