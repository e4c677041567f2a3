#!/bin/bash
# The first figure: durable, signed dispatches a second through Signalbox to nginx, divided by nginx
# proxy_pass of the same POST, in turns within one run. Load, Signalbox and target share the machine.
#
#   tests/bench/first_figure.sh [--build FOLDER] [--seconds N] [--rounds N] [--connections N]
#
# Needs nginx and wrk (scripts/install-deps.sh --bench) and a release build. A dispatch counts when the
# target has answered it: the target's own counter is read, not the load generator's.
set -euo pipefail

root=$(cd -- "$(dirname -- "$0")/../.." && pwd)
build=$root/build/release
seconds=5
rounds=3
connections=64
while [ $# -gt 0 ]; do
    case $1 in
        --build) build=$(cd -- "$2" && pwd) ;;
        --seconds) seconds=$2 ;;
        --rounds) rounds=$2 ;;
        --connections) connections=$2 ;;
        *) echo "first_figure.sh: '$1' is not an option" >&2; exit 2 ;;
    esac
    shift 2
done
for program in nginx wrk curl; do
    command -v "$program" >/dev/null || { echo "first_figure.sh: $program is missing; scripts/install-deps.sh --bench installs it" >&2; exit 2; }
done

work=$(mktemp -d)
clean_up() {
    [ -z "${serve_pid:-}" ] || kill "$serve_pid" 2>/dev/null || true
    for part in sink proxy; do
        [ ! -f "$work/$part.pid" ] || nginx -c "$work/$part.conf" -s quit 2>/dev/null || true
    done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

port() { echo $((10000 + RANDOM % 20000)); }
sink=$(port) proxy=$(port) serve=$(port)

# Two nginx processes: nginx counts requests for a whole process, and one that were proxy and target at
# once would count each twice.
nginx_part() {  # NAME, then the http block's own lines on standard input
    { cat <<TEXT
worker_processes 1;
pid $work/$1.pid;
error_log $work/$1.log crit;
events { worker_connections 4096; }
http {
    access_log off;
    client_body_temp_path $work/$1.body; proxy_temp_path $work/$1.proxy; fastcgi_temp_path $work/$1.fastcgi;
    uwsgi_temp_path $work/$1.uwsgi; scgi_temp_path $work/$1.scgi;
    client_body_buffer_size 16k;
    keepalive_requests 100000000;
TEXT
    cat
    echo "}"; } >"$work/$1.conf"
    nginx -c "$work/$1.conf"
}
nginx_part sink <<TEXT
    server { listen 127.0.0.1:$sink backlog=4096 reuseport;
             location = /status { stub_status; }
             location / { return 200; } }
TEXT
nginx_part proxy <<TEXT
    upstream target { server 127.0.0.1:$sink; keepalive 128; keepalive_requests 100000000; }
    server { listen 127.0.0.1:$proxy backlog=4096 reuseport;
             location / { proxy_pass http://target; proxy_http_version 1.1; proxy_set_header Connection ""; } }
TEXT

mkdir "$work/actions"
cat >"$work/actions/order.yaml" <<TEXT
identifier: order
trigger:
  type: self-service
  operation: CREATE
  userInputs:
    properties:
      customer: { type: string, maxLength: 64 }
      quantity: { type: number, minimum: 1 }
      note: { type: string }
    required: [customer, quantity]
invocationMethod:
  type: AZURE_DEVOPS
  org: contoso
  webhook: order
  payload: { "{{ spreadValue() }}": "{{ .inputs }}", port_context: { runId: "{{ .run.id }}" } }
TEXT
cat >"$work/signalbox.yaml" <<TEXT
listen: 127.0.0.1:$serve
journal: ./data
plugins: [ azure-pipelines ]
connections:
  sink:
    plugin: azure-pipelines
    settings: { organization: contoso, base_url: "http://127.0.0.1:$sink" }
    signing: { key: { env: BENCH_KEY } }
    limits: { in_flight: 512 }
    egress: { allow: [ 127.0.0.0/8 ] }
clients:
  - { id: bench, secret: { env: BENCH_SECRET }, may: [ invoke, view ] }
actions: actions/*
TEXT
export BENCH_KEY=bench-key BENCH_SECRET=bench-secret
"$build/bin/signalbox" serve --config "$work/signalbox.yaml" >"$work/out" 2>"$work/log" &
serve_pid=$!
for _ in $(seq 100); do grep -q http "$work/out" && break; sleep 0.1; done
token=$(curl -sS -H 'Content-Type: application/json' -d '{"clientId":"bench","clientSecret":"bench-secret"}' \
    "http://127.0.0.1:$serve/v1/auth/access_token" | sed -n 's/.*"accessToken":"\([^"]*\)".*/\1/p')

note=$(head -c 1950 /dev/zero | tr '\0' 'x')
cat >"$work/post.lua" <<TEXT
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["Authorization"] = "Bearer $token"
wrk.body = '{"properties":{"customer":"acme","quantity":3,"note":"$note"}}'
TEXT

taken() { curl -s "http://127.0.0.1:$sink/status" | awk 'NR == 3 { print $3 }'; }
cpu() { awk '{ print $14 + $15 }' "/proc/$serve_pid/stat"; }  # hundredths of a second
load() { wrk -c "$connections" -t 1 -d "$seconds" -s "$work/post.lua" "$1" >"$work/wrk.out"; }
median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

load "http://127.0.0.1:$serve/v1/actions/order/runs"  # warm-up, not counted
for _ in $(seq "$rounds"); do
    before=$(taken); load "http://127.0.0.1:$proxy/"; after=$(taken)
    base=$(((after - before) / seconds))
    before=$(taken); used=$(cpu)
    load "http://127.0.0.1:$serve/v1/actions/order/runs"
    after=$(taken); used=$(($(cpu) - used))
    ! grep -q Non-2xx "$work/wrk.out" || { echo "refused:"; cat "$work/wrk.out"; tail -3 "$work/log"; exit 1; }
    rate=$(((after - before) / seconds))
    echo "proxy_pass $base/s, signalbox $rate/s, ratio $(awk "BEGIN { printf \"%.3f\", $rate / $base }"), CPU $(awk "BEGIN { printf \"%.1f\", $used * 10000 / ($after - $before) }") us a dispatch"
    awk "BEGIN { print $rate / $base }" >>"$work/ratios"
done
echo "median ratio $(median <"$work/ratios")"
