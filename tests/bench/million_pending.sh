#!/bin/bash
# A million pending runs: fills a journal, starts Signalbox on it with a target that answers at once, and
# says how long the start and the first delivery took and how much memory it needed.
#
#   tests/bench/million_pending.sh [--build FOLDER] [--runs N] [--phase queued|retrying] [--seconds N]
#
# Needs nginx (scripts/install-deps.sh --bench) and a release build. Delivery goes on for --seconds before
# memory is read. Ends with 0 if the first delivery came within two seconds and memory stayed within 150 MB.
set -euo pipefail

root=$(cd -- "$(dirname -- "$0")/../.." && pwd)
build=$root/build/release
runs=1000000
phase=queued
seconds=10
while [ $# -gt 0 ]; do
    case $1 in
        --build) build=$(cd -- "$2" && pwd) ;;
        --runs) runs=$2 ;;
        --phase) phase=$2 ;;
        --seconds) seconds=$2 ;;
        *) echo "million_pending.sh: '$1' is not an option" >&2; exit 2 ;;
    esac
    shift 2
done
command -v nginx >/dev/null || { echo "million_pending.sh: nginx is missing; scripts/install-deps.sh --bench installs it" >&2; exit 2; }

work=$(mktemp -d)
clean_up() {
    [ -z "${serve_pid:-}" ] || kill "$serve_pid" 2>/dev/null || true
    [ ! -f "$work/sink.pid" ] || nginx -c "$work/sink.conf" -s quit 2>/dev/null || true
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

port() { echo $((10000 + RANDOM % 20000)); }
sink=$(port) serve=$(port)
cat >"$work/sink.conf" <<TEXT
worker_processes 1;
pid $work/sink.pid;
error_log $work/sink.log crit;
events { worker_connections 4096; }
http {
    log_format moment '\$msec';
    access_log $work/received moment;
    client_body_temp_path $work/body; proxy_temp_path $work/proxy; fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi; scgi_temp_path $work/scgi;
    keepalive_requests 100000000;
    server { listen 127.0.0.1:$sink backlog=4096; location / { return 200; } }
}
TEXT
nginx -c "$work/sink.conf"

cat >"$work/signalbox.yaml" <<TEXT
listen: 127.0.0.1:$serve
journal: ./data
plugins: [ azure-pipelines ]
connections:
  sink:
    plugin: azure-pipelines
    settings: { organization: contoso, base_url: "http://127.0.0.1:$sink" }
    signing: { key: { env: BENCH_KEY } }
    limits: { in_flight: 64 }
    egress: { allow: [ 127.0.0.0/8 ] }
TEXT
export BENCH_KEY=bench-key

echo "filling a journal with $runs runs ($phase) ..."
"$build/bin/fill-journal" "$work/data" "$runs" sink "$phase"
echo "its size: $(du -sm "$work/data" | cut -f1) MB"

begun=$(date +%s.%N)
"$build/bin/signalbox" serve --config "$work/signalbox.yaml" >"$work/out" 2>"$work/log" &
serve_pid=$!
until grep -sq http "$work/out"; do
    kill -0 "$serve_pid" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
    sleep 0.01
done
started=$(date +%s.%N)
until [ -s "$work/received" ]; do sleep 0.01; done
sleep "$seconds"

first=$(head -1 "$work/received")
memory() { awk -v name="$1:" '$1 == name { print int($2 / 1000) }' "/proc/$serve_pid/status"; }
awk -v begun="$begun" -v started="$started" -v first="$first" -v rss="$(memory VmRSS)" -v peak="$(memory VmHWM)" \
    -v delivered="$(wc -l <"$work/received")" 'BEGIN {
        printf "started after %.2f s, first delivery after %.2f s\n", started - begun, first - begun
        printf "delivered meanwhile %d; memory %d MB, at most %d MB\n", delivered, rss, peak
        good = first - begun <= 2 && peak <= 150
        print good ? "within two seconds and 150 MB" : "NOT within two seconds and 150 MB"
        exit good ? 0 : 1
    }'
