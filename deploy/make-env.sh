#!/bin/sh
# Writes the secrets of docker-compose.yml: new random ones, a file for each role, readable by you alone. Overwrites nothing.
#   sh deploy/make-env.sh              for your own RBM agent and SMS provider
#   sh deploy/make-env.sh simulator    for `docker compose --profile simulator up`
set -eu
cd "$(dirname "$0")/.."
mode=${1:-own}
case $mode in
own | simulator) ;;
*)
  echo 'usage: sh deploy/make-env.sh [simulator]' >&2
  exit 2
  ;;
esac
if [ -e deploy/secrets ]; then
  echo 'deploy/secrets exists and is left as it is. To make new secrets, move it away first.' >&2
  exit 1
fi

hex() { od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n'; }
base64_key() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }

umask 077
client_token=$(hex)
receipts_secret=whsec_$(base64_key)
hash_key=$(base64_key)
worker_key=worker-$(date +%Y-%m):$(base64_key)
webhook_key=webhook-$(date +%Y-%m):$(base64_key)

# PostgreSQL's password is for Compose itself. Its database keeps the one that it was created with.
touch .env
chmod 600 .env
if ! grep -Eq "^POSTGRES_PASSWORD=[\"']?[^\"'[:space:]]" .env; then
  # The last line may lack its end.
  [ -z "$(tail -c 1 .env)" ] || echo >>.env
  printf 'POSTGRES_PASSWORD=%s\n' "$(hex)" >>.env
fi

mkdir -p deploy/secrets.new
if [ "$mode" = simulator ]; then
  sms_token=$(hex)
  # Nothing is encrypted, so that the Web UI shows what happens.
  cat >deploy/secrets.new/worker.env <<END
RBM_ENDPOINT=http://simulator:8090
GOOGLE_APPLICATION_CREDENTIALS=/run/rbm/key.json
SMS_HTTP_URL=http://simulator:8090/sms
SMS_HTTP_TOKEN=$sms_token
RECIPIENT_HASH_KEY=$hash_key
ALLOW_CLEARTEXT_HOSTS=simulator
END
  cat >deploy/secrets.new/webhook.env <<END
RBM_WEBHOOK_CLIENT_TOKEN=$client_token
SMS_WEBHOOK_SECRET=$receipts_secret
RECIPIENT_HASH_KEY=$hash_key
END
  cat >deploy/secrets.new/simulator.env <<END
RBM_WEBHOOK_CLIENT_TOKEN=$client_token
SMS_WEBHOOK_SECRET=$receipts_secret
SMS_HTTP_TOKEN=$sms_token
END
  echo '# The simulator encrypts nothing (docs/encryption.md).' >deploy/secrets.new/codec-server.env
else
  cat >deploy/secrets.new/worker.env <<END
# Fill in the region of your agents (docs/agents.md), and your SMS provider's URL and token (docs/configuration.md).
RBM_REGION=us
# Put your service account's key into the volume "credentials", as key.json (docs/operations.md, "Docker Compose").
GOOGLE_APPLICATION_CREDENTIALS=/run/rbm/key.json
SMS_HTTP_URL=
SMS_HTTP_TOKEN=
RECIPIENT_HASH_KEY=$hash_key
# The first key encrypts. The webhook has only the second one: with it, it reads its own signals and no message.
PAYLOAD_ENCRYPTION_KEYS=$worker_key,$webhook_key
# true, once all of your backends encrypt (docs/encryption.md).
PAYLOAD_ENCRYPTION_REQUIRED=false
END
  cat >deploy/secrets.new/webhook.env <<END
# Enter this token as the clientToken of your webhook at RBM (docs/webhook-setup.md), or the one that Google gave you here.
RBM_WEBHOOK_CLIENT_TOKEN=$client_token
# Give this secret to your SMS provider (docs/webhook-setup.md).
SMS_WEBHOOK_SECRET=$receipts_secret
RECIPIENT_HASH_KEY=$hash_key
PAYLOAD_ENCRYPTION_KEYS=$webhook_key
END
  echo '# Used with --profile simulator only.' >deploy/secrets.new/simulator.env
  echo "PAYLOAD_ENCRYPTION_KEYS=$worker_key,$webhook_key" >deploy/secrets.new/codec-server.env
fi
mv deploy/secrets.new deploy/secrets
[ "$mode" = simulator ] || echo 'fill in what is empty: deploy/secrets/worker.env, and deploy/compose.env' >&2
echo 'written: .env and deploy/secrets' >&2
