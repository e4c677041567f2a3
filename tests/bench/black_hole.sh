#!/bin/bash
# A black hole beside nine healthy connections: how long a run takes from its invocation to its target, with
# and without a tenth connection whose target takes requests and never answers. Both are loaded in turns,
# each on a Signalbox of its own; load, Signalbox and targets share the machine.
#
#   tests/bench/black_hole.sh [--build FOLDER] [--seconds N] [--rounds N] [--per-second N]
#
# Needs a release build, and nothing else. Ends with 0 if every run of the nine arrived, and the median of the
# rounds' 99th percentiles with the black hole is within 10 % of that without it.
set -euo pipefail

root=$(cd -- "$(dirname -- "$0")/../.." && pwd)
build=$root/build/release
seconds=6
rounds=7
per_second=40
while [ $# -gt 0 ]; do
    case $1 in
        --build) build=$(cd -- "$2" && pwd) ;;
        --seconds) seconds=$2 ;;
        --rounds) rounds=$2 ;;
        --per-second) per_second=$2 ;;
        *) echo "black_hole.sh: '$1' is not an option" >&2; exit 2 ;;
    esac
    shift 2
done

work=$(mktemp -d)
pids=()
clean_up() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

"$build/bin/isolation-load" targets "$work/arrivals" >"$work/ports" &
pids+=($!)
until [ -s "$work/ports" ]; do sleep 0.01; done
read -r healthy hole <"$work/ports"

healthy_actions=()
for i in 1 2 3 4 5 6 7 8 9; do healthy_actions+=("healthy_$i"); done

start() {  # NAME
    local folder=$work/$1 name port
    port=$((10000 + RANDOM % 20000))
    mkdir -p "$folder/actions"
    {
        echo "listen: 127.0.0.1:$port"
        echo "journal: ./data"
        echo "plugins: [ webhook ]"
        echo "connections:"
        for name in "${healthy_actions[@]}" black_hole; do
            local target=$healthy
            [ "$name" != black_hole ] || target=$hole
            cat <<TEXT
  $name:
    plugin: webhook
    settings: { base_url: "http://127.0.0.1:$target" }
    signing: { key: { env: BENCH_KEY } }
    limits: { timeout: 5s }
    egress: { allow: [ 127.0.0.0/8 ] }
TEXT
            cat >"$folder/actions/$name.yaml" <<TEXT
identifier: $name
trigger:
  type: self-service
  operation: CREATE
  userInputs: { properties: { at: { type: string, maxLength: 64 } }, required: [ at ] }
invocationMethod: { type: WEBHOOK, connection: $name, url: "/{{ .inputs.at }}" }
TEXT
        done
        echo "actions: actions/*"
    } >"$folder/signalbox.yaml"
    BENCH_KEY=bench-key "$build/bin/signalbox" serve --config "$folder/signalbox.yaml" >"$folder/out" 2>"$folder/log" &
    pids+=($!)
    until grep -sq http "$folder/out"; do
        kill -0 "${pids[-1]}" 2>/dev/null || { cat "$folder/log" >&2; exit 1; }
        sleep 0.01
    done
    url=$(head -1 "$folder/out")
}
start without; without=$url
start with; with=$url

load() { "$build/bin/isolation-load" call "$@"; }
load "$without" warm 2 "$per_second" "${healthy_actions[@]}"
load "$with" warm 2 "$per_second" "${healthy_actions[@]}" black_hole
for round in $(seq "$rounds"); do
    load "$without" "without$round" "$seconds" "$per_second" "${healthy_actions[@]}"
    load "$with" "with$round" "$seconds" "$per_second" "${healthy_actions[@]}" black_hole
done
sleep 1  # for what is still on its way

percentile() {  # TAG'S PATTERN, PERCENT
    grep -E "^$1 " "$work/arrivals" | cut -d' ' -f2 | sort -n |
        awk -v percent="$2" '{ v[NR] = $1 } END { print v[int(NR * percent / 100 + 0.5)] / 1000 }'
}
count() { grep -cE "^$1 " "$work/arrivals"; }
median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
for round in $(seq "$rounds"); do
    for side in without with; do percentile "$side$round" 99 >>"$work/$side.p99"; done
    echo "round $round: p99 without $(tail -1 "$work/without.p99") ms, with $(tail -1 "$work/with.p99") ms"
done
expected=$((9 * rounds * seconds * per_second))
echo "arrived: without $(count 'without[0-9]+'), with $(count 'with[0-9]+'), of $expected each"
[ "$(count 'without[0-9]+')" = "$expected" ] && [ "$(count 'with[0-9]+')" = "$expected" ]
for percent in 50 90; do
    echo "p$percent: without $(percentile 'without[0-9]+' $percent) ms, with $(percentile 'with[0-9]+' $percent) ms"
done
awk -v without="$(median <"$work/without.p99")" -v with="$(median <"$work/with.p99")" 'BEGIN {
    printf "median p99: without %.2f ms, with %.2f ms, ratio %.2f\n", without, with, with / without
    good = with <= without * 1.1
    print good ? "within 10 %" : "NOT within 10 %"
    exit good ? 0 : 1
}'
