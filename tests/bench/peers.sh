# Other programs that take the same POST, in turns with Signalbox. Sourced by scripts/bench.sh.

peer_turns() {  # NAME PORT PATH PID: Signalbox runs already
    local base rate base_us used
    forget ratio cpu
    headers=("${peer_headers[@]}")
    hammer "$2" "$3" 64 1
    for _ in $(seq "$rounds"); do
        headers=("${peer_headers[@]}")
        used=$(cpu_us "$4")
        hammer "$2" "$3" 64 "$seconds"
        base=$(awk '/requests in/ { print $1 }' "$work/wrk.out"); base_us=$(calc "($(cpu_us "$4") - $used) / $base")
        headers=("${own_headers[@]}")
        hammer "$serve" "$path" 64 "$seconds"
        rate=$(awk '/requests in/ { print $1 }' "$work/wrk.out")
        calc "sprintf(\"%.1f\", $rate / $base)" >>"$work/ratio"; echo >>"$work/ratio"
        calc "sprintf(\"%.0f\", $base_us)" >>"$work/cpu"; echo >>"$work/cpu"
    done
    row "Signalbox ÷ $1" "$(of ratio)" "its CPU a request $(of cpu) µs (children not counted)"
}

webhook_peer() {
    if ! command -v webhook >/dev/null; then
        row "Signalbox ÷ webhook (Debian)" "not measured" "the package webhook is not installed"
        return
    fi
    local port; port=$(free_port)
    echo '[{ "id": "hook", "execute-command": "/bin/true", "include-command-output-in-response": true }]' >"$work/hooks.json"
    webhook -ip 127.0.0.1 -port "$port" -hooks "$work/hooks.json" >"$work/webhook.log" 2>&1 &
    local pid=$!
    parts+=("$pid")
    await_port "$port"
    peer_headers=("Content-Type: application/json")
    peer_turns "webhook (Debian) that runs /bin/true" "$port" /hooks/hook "$pid"
    stop_part "$pid"
}

# A relay as one would write it: express takes the job, better-sqlite3 commits it, undici sends it on.
node_peer() {
    if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
        row "Signalbox ÷ Node relay" "not measured" "node or npm is not installed"
        return
    fi
    mkdir "$work/node"
    cp "$root/tests/bench/relay.mjs" "$work/node/"
    if ! (cd "$work/node" && npm install --silent --no-audit --no-fund express undici better-sqlite3) >"$work/npm.log" 2>&1; then
        row "Signalbox ÷ Node relay" "not measured" "npm could not install express, undici and better-sqlite3"
        return
    fi
    local port; port=$(free_port)
    (cd "$work/node" && exec node relay.mjs "$port" "$sink" bench-key) >"$work/relay.log" 2>&1 &
    local pid=$!
    parts+=("$pid")
    await_port "$port"
    peer_headers=("Content-Type: application/json")
    peer_turns "Node relay (express, undici, better-sqlite3, a commit a job)" "$port" / "$pid"
    stop_part "$pid"
}

peers() {
    start_sink; start_signalbox plain
    own_headers=("${headers[@]}")
    webhook_peer
    node_peer
    stop_parts
}
