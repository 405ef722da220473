# Guards a scratch PostgreSQL: reads one free port a line and starts the server there, and when its standard
# input ends (also because xtask was killed) stops the server and removes the folder.
#   sh -c "$script" guardian BIN_FOLDER
bin=$1
umask 077
folder=$(mktemp -d /tmp/erpmax-postgres.XXXXXX) || exit 1

clean() {
    "$bin/pg_ctl" stop --pgdata="$folder/data" --mode=immediate --silent >/dev/null 2>&1
    rm -rf "$folder"
}
trap clean EXIT
trap exit HUP INT PIPE TERM

if ! "$bin/initdb" --pgdata="$folder/data" --username=postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
    --no-sync >"$folder/log" 2>&1; then
    cat "$folder/log" >&2
    exit 1
fi
cat >>"$folder/data/postgresql.conf" <<SETTINGS
listen_addresses = '127.0.0.1'
unix_socket_directories = '$folder'
max_connections = 300
fsync = off
full_page_writes = off
synchronous_commit = off
SETTINGS

echo initialised 2>/dev/null || exit 1
while read -r port; do
    if "$bin/pg_ctl" start --pgdata="$folder/data" --log="$folder/log" --options="-p $port" --silent >/dev/null; then
        echo ready
    else
        tail -n 5 "$folder/log" >&2
        echo failed
    fi
done
