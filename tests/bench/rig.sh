# What scripts/bench.sh measures with: starts and stops the parts, and reads what they did. Sourced.
# Expects $build, and sets $work, a folder of its own.

work=$(mktemp -d)
parts=()  # process ids
stop_part() {  # PID
    kill -TERM "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}
stop_parts() {
    local pid
    for pid in "${parts[@]}"; do stop_part "$pid"; done
    parts=()
}
clean_up() {
    stop_parts
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

fail() { echo "bench.sh: $*" >&2; exit 1; }
calc() { awk "BEGIN { printf \"%s\", $1 }"; }
# The middle one of the numbers on standard input; the smallest and the largest.
median() { sort -g | awk '{ v[NR] = $1 } END { if (NR) printf "%s", v[int((NR + 1) / 2)] }'; }
spread() { sort -g | awk '{ v[NR] = $1 } END { if (NR) printf "%s to %s", v[1], v[NR] }'; }

free_port() {
    local port
    while :; do
        port=$((10000 + RANDOM % 20000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || { echo "$port"; return; }
    done
}
await_port() {  # PORT: until somebody listens
    local tries
    for tries in $(seq 200); do
        (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null && return
        sleep 0.05
    done
    fail "nothing listens on port $1 after ${tries}0 ms"
}

# CPU that a process and its children of now have used, in microseconds.
cpu_us() {  # PID
    local pid total=0 task spent
    for pid in "$1" $(pgrep -P "$1" || true); do
        for task in "/proc/$pid/task"/*/schedstat; do
            { read -r spent _ <"$task"; } 2>/dev/null && total=$((total + spent / 1000))
        done
    done
    echo "$total"
}
rss_mb() { awk -v name="$2:" '$1 == name { printf "%.1f", $2 / 1024 }' "/proc/$1/status"; }  # PID, VmRSS or VmHWM

start_sink() {  # DELAY_MS: sets sink, sink_pid and received
    sink=$(free_port)
    received=$work/received.$sink
    "$build/bin/bench-sink" "$sink" "$received" "${1:-0}" &
    sink_pid=$!
    parts+=("$sink_pid")
    await_port "$sink"
}
taken() { curl -s "http://127.0.0.1:$sink/count"; }

start_proxy() {  # sets proxy and proxy_pid; goes to the sink
    proxy=$(free_port)
    cat >"$work/proxy.conf" <<TEXT
daemon off;
worker_processes 1;
pid $work/proxy.pid;
error_log $work/proxy.log crit;
events { worker_connections 8192; }
http {
    access_log off;
    client_body_temp_path $work/body; proxy_temp_path $work/proxy; fastcgi_temp_path $work/fastcgi;
    uwsgi_temp_path $work/uwsgi; scgi_temp_path $work/scgi;
    client_body_buffer_size 16k;
    keepalive_requests 100000000;
    upstream target { server 127.0.0.1:$sink; keepalive 1024; keepalive_requests 100000000; }
    server { listen 127.0.0.1:$proxy backlog=4096 reuseport;
             location / { proxy_pass http://target; proxy_http_version 1.1; proxy_set_header Connection ""; } }
}
TEXT
    nginx -c "$work/proxy.conf" 2>"$work/proxy.err" &
    proxy_pid=$!
    parts+=("$proxy_pid")
    await_port "$proxy"
}

# The configurations; `commits` is the journal's. `plain` sends inputs as they are through the webhook plugin; `azure` is a real action
# document through the Azure plugin.
write_config() {  # DIRECTORY plain|azure
    mkdir -p "$1/actions"
    cat >"$1/actions/order.yaml" <<TEXT
identifier: order
trigger:
  type: self-service
  operation: CREATE
  userInputs:
    properties:
      customer: { type: string, maxLength: 64 }
      quantity: { type: number, minimum: 1 }
      note: { type: string }
    required: [ customer, quantity ]
TEXT
    case $2 in
        plain) cat >>"$1/actions/order.yaml" <<TEXT ;;
invocationMethod:
  type: WEBHOOK
  url: /hook
  body: "{{ .inputs }}"
TEXT
        azure) cat >>"$1/actions/order.yaml" <<TEXT ;;
invocationMethod:
  type: AZURE_DEVOPS
  org: contoso
  webhook: order
  payload:
    "{{ spreadValue() }}": "{{ .inputs }}"
    port_context:
      runId: "{{ .run.id }}"
      action: "{{ .action.identifier }}"
      trigger: "{{ .trigger }}"
TEXT
    esac
    local plugin=webhook settings="{ base_url: \"http://127.0.0.1:$sink\" }"
    if [ "$2" = azure ]; then
        plugin=azure-pipelines
        settings="{ organization: contoso, base_url: \"http://127.0.0.1:$sink\" }"
    fi
    cat >"$1/signalbox.yaml" <<TEXT
listen: 127.0.0.1:$serve
journal: { directory: ./data, commits: ${commits:-file} }
plugins: [ $plugin ]
connections:
  sink:
    plugin: $plugin
    settings: $settings
    signing: { scheme: hmac-sha256-prefixed, key: { env: BENCH_KEY } }
    limits: { in_flight: 512 }
    on_unknown: hold
    egress: { allow: [ 127.0.0.0/8 ] }
clients:
  - { id: bench, secret: { env: BENCH_SECRET }, may: [ invoke, view ] }
sources:
  hook:
    verify: hmac-sha256-prefixed
    key: { env: BENCH_KEY }
    per_second: 0  # no limit
    action: order
    properties: "{{ .body.properties }}"
actions: actions/*
TEXT
}

start_signalbox() {  # plain|azure [JOURNAL]: sets serve, serve_pid, folder, path, headers and the token
    serve=$(free_port)
    folder=$work/signalbox.$serve
    write_config "$folder" "$1"
    [ -z "${2:-}" ] || mv "$2" "$folder/data"
    BENCH_KEY=bench-key BENCH_SECRET=bench-secret \
        "$build/bin/signalbox" serve --config "$folder/signalbox.yaml" >"$folder/out" 2>"$folder/log" &
    serve_pid=$!
    parts+=("$serve_pid")
    await_port "$serve"
    token=$(curl -sS -H 'Content-Type: application/json' \
        -d '{"clientId":"bench","clientSecret":"bench-secret"}' \
        "http://127.0.0.1:$serve/v1/auth/access_token" | sed -n 's/.*"accessToken":"\([^"]*\)".*/\1/p')
    [ -n "$token" ] || fail "Signalbox gave no token: $(tail -3 "$folder/log")"
    path=/v1/actions/order/runs
    headers=("Content-Type: application/json" "Authorization: Bearer $token")
    write_body
}
stop_signalbox() { stop_part "$serve_pid"; }

# A body of 2,048 bytes.
write_body() {
    local start='{"properties":{"customer":"acme","quantity":3,"note":"' end='"}}'
    printf '%s%s%s' "$start" "$(head -c $((2048 - ${#start} - ${#end})) /dev/zero | tr '\0' 'x')" "$end" >"$work/body.json"
}

# As fast as it is answered: what a closed loop of CONNECTIONS gets through. Where `signed` is set, no two
# bodies are the same, as a source wants them, and each is signed.
hammer() {  # PORT PATH CONNECTIONS SECONDS
    {
        echo 'wrk.method = "POST"'
        local header
        for header in "${headers[@]}"; do echo "wrk.headers[\"${header%%: *}\"] = \"${header#*: }\""; done
        echo "wrk.body = [==[$(cat "$work/body.json")]==]"
        [ -z "${signed:-}" ] || cat <<TEXT
local ffi = require("ffi")
ffi.cdef[[
const void *EVP_sha256(void);
unsigned char *HMAC(const void *, const void *, int, const char *, size_t, unsigned char *, unsigned int *);
]]
local crypto = ffi.load("libcrypto.so.3")
local key, mac = "bench-key", ffi.new("unsigned char[32]")
local first, rest = wrk.body:match('^(.-"note":")' .. ("x"):rep(32) .. "(.*)$")
local number = 0
function request()
    number = number + 1
    local body = ("%s${EPOCHREALTIME/[.,]/}%016d%s"):format(first, number, rest)
    crypto.HMAC(crypto.EVP_sha256(), key, #key, body, #body, mac, nil)
    wrk.headers["X-Hub-Signature-256"] = "sha256=" .. ("%02x"):rep(32):format(ffi.string(mac, 32):byte(1, 32))
    return wrk.format(nil, nil, nil, body)
end
TEXT
    } >"$work/post.lua"
    # A peer that starts a process for each may need more than wrk's two seconds for one; that is no refusal.
    wrk --timeout 30s -c "$3" -t 1 -d "$4" -s "$work/post.lua" "http://127.0.0.1:$1$2" >"$work/wrk.out"
    ! grep -Eq 'Non-2xx|Socket errors' "$work/wrk.out" || fail "refused: $(cat "$work/wrk.out")"
}
# By the clock: RATE a second, whether or not earlier ones were answered.
pace() {  # RATE SECONDS CONNECTIONS: the line of bench-load
    "$build/bin/bench-load" "$serve" "$path" "$work/body.json" "$work/accepted" "$3" "$2" "$1" "${headers[@]}"
}
metric() {  # NAME: the sum of its series
    curl -s -H "Authorization: Bearer $token" "http://127.0.0.1:$serve/metrics" |
        awk -v name="$1" 'index($1, name) == 1 { sum += $2 } END { printf "%d", sum }'
}

# Every run of the journal came to the target once; Signalbox and the sink are stopped by that. Not in a
# subshell, which could not wait for them.
check_ledger() {  # [ACCEPTED]: sets ledger
    local tries
    for tries in $(seq 300); do
        [ $(($(metric signalbox_runs_waiting) + $(metric signalbox_runs_in_flight))) = 0 ] && break
        sleep 0.1
    done
    stop_signalbox
    stop_part "$sink_pid"
    ledger=$("$build/bin/bench-ledger" "$folder/data" "$received" ${1:+"$1"}) ||
        fail "the ledger does not close: $ledger"
    rm -rf "$folder/data"
}
