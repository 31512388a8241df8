#!/usr/bin/env bash
# Runs a command with a PostgreSQL server of its own: CAVEAT_TEST_POSTGRESQL names its database.
#
#   tests/with-postgresql.sh .venv/bin/python -m pytest tests/test_register.py
#
# Takes Debian's postgresql (installs it where it is missing and we may), a new cluster in a
# temporary folder, and a port that is free; all of it is gone afterwards.
set -euo pipefail

programs() { ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1; }
if [ -z "$(programs)" ]; then
  echo "installing postgresql ..." >&2
  (apt-get update && apt-get install -y --no-install-recommends postgresql) > /dev/null 2>&1 || true
fi
bin=$(programs)
[ -n "$bin" ] || { echo "no PostgreSQL here, and it could not be installed" >&2; exit 1; }

folder=$(mktemp -d)
as=()
if [ "$(id -u)" = 0 ]; then  # the server refuses to run as root
  chown postgres "$folder"
  as=(runuser -u postgres --)
fi
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
stop() {
  (cd / && "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -m immediate stop > /dev/null 2>&1) || true
  rm -rf "$folder"
}
trap stop EXIT
(
  cd /
  "${as[@]}" "$bin/initdb" -D "$folder/data" -A trust -U caveat --encoding=UTF8 --locale=C.UTF-8 > /dev/null
  "${as[@]}" "$bin/pg_ctl" -D "$folder/data" -l "$folder/log" -w start > /dev/null \
    -o "-p $port -k $folder -c listen_addresses=127.0.0.1 -c fsync=off"
  "${as[@]}" "$bin/createdb" -h 127.0.0.1 -p "$port" -U caveat caveat
)
CAVEAT_TEST_POSTGRESQL="postgresql://caveat@127.0.0.1:$port/caveat" "$@"
