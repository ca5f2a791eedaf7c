#!/bin/sh
# Creates or updates Temporal's two databases. Runs in the admin-tools image. It is harmless to repeat.
set -eu
: "${POSTGRES_SEEDS:?}" "${POSTGRES_USER:?}" "${POSTGRES_PWD:?}"
export SQL_PASSWORD="$POSTGRES_PWD"

sql_tool() {
  temporal-sql-tool --plugin postgres12 --ep "$POSTGRES_SEEDS" --port "${DB_PORT:-5432}" --user "$POSTGRES_USER" "$@"
}

for schema in temporal:temporal temporal_visibility:visibility; do
  database=${schema%%:*}
  sql_tool --db "$database" create
  # Only a new database has no version. One that has a version is left as it is.
  sql_tool --db "$database" setup-schema -v 0.0 || echo "$database: has a schema already"
  sql_tool --db "$database" update-schema --schema-name "postgresql/v12/${schema##*:}"
done
