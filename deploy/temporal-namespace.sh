#!/bin/sh
# Creates the namespace and the search attributes, and sets the retention. Runs in the admin-tools image. It is harmless to repeat.
set -eu
namespace=${TEMPORAL_NAMESPACE:-default}

tries=0
until temporal operator cluster health >/dev/null 2>&1; do
  tries=$((tries + 1))
  [ "$tries" -lt 60 ] || { echo 'Temporal does not answer' >&2; exit 1; }
  sleep 2
done

# How long closed deliveries are kept. Starting a message twice is harmless only that long, and RBM repeats its events for
# seven days: never less than 8 days.
retention=${RETENTION:-192h}
if temporal operator namespace describe --namespace "$namespace" >/dev/null 2>&1; then
  temporal operator namespace update --namespace "$namespace" --retention "$retention" >/dev/null
else
  temporal operator namespace create --namespace "$namespace" --retention "$retention"
fi

# It takes a few seconds until a new namespace is known everywhere.
tries=0
until known=$(temporal operator search-attribute list --namespace "$namespace" 2>/dev/null); do
  tries=$((tries + 1))
  [ "$tries" -lt 30 ] || { echo "namespace $namespace is not usable" >&2; exit 1; }
  sleep 1
done

while read -r name type; do
  case "$known" in
    *" $name "* | *"
$name "*) ;;
    *) temporal operator search-attribute create --namespace "$namespace" --name "$name" --type "$type" ;;
  esac
done <<ATTRIBUTES
DeliveryStatus Keyword
RbmAgentId Keyword
MessageTrafficType Keyword
RecipientHash Keyword
ExpireTime Datetime
CampaignId Keyword
IsDuplicate Bool
FallbackReason Keyword
ATTRIBUTES
