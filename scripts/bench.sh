#!/bin/bash
# How fast Signalbox is on this machine, beside nginx and others, in one table.
#
#   scripts/bench.sh [--quick] [--build FOLDER] [--seconds N] [--rounds N]
#
# Installs nginx and wrk (Debian's), builds release, and measures. Load, Signalbox and target share the
# machine. Every figure is taken in turns with nginx proxy_pass of the same POST to the same target; what is
# told is the median of the rounds and, in brackets, the smallest and the largest. A figure counts only
# if afterwards every run of the journal had come to the target exactly once. --quick takes less than
# three minutes and leaves out what needs long: a million pending runs, ten million rows, other programs.
set -euo pipefail

root=$(cd -- "$(dirname -- "$0")/.." && pwd)
build=$root/build/release
given_build=""
quick=""
seconds=5
rounds=5
while [ $# -gt 0 ]; do
    case $1 in
        --quick) quick=yes; seconds=2 rounds=3; shift; continue ;;
        --help | -h) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | sed '$d'; exit 0 ;;
        --build) given_build=yes; build=$(cd -- "$2" && pwd) ;;
        --seconds) seconds=$2 ;;
        --rounds) rounds=$2 ;;
        *) echo "bench.sh: '$1' is not an option; --help says what is" >&2; exit 2 ;;
    esac
    shift 2
done

"$root/scripts/install-deps.sh" --bench
if [ -z "$given_build" ]; then
    (cd "$root" && cmake --preset release >/dev/null &&
        cmake --build --preset release --target signalbox signalbox_azure_pipelines signalbox_webhook \
            bench-sink bench-load bench-deliver bench-ledger fill-journal)
fi
# shellcheck source=../tests/bench/rig.sh
. "$root/tests/bench/rig.sh"
# shellcheck source=../tests/bench/peers.sh
. "$root/tests/bench/peers.sh"

table=$work/table
row() { printf '%s\t%s\t%s\n' "$1" "$2" "${3:-}" | tee -a "$table" >&2; }  # MEASURE FIGURE NOTE
of() { printf '%s (%s)' "$(median <"$work/$1")" "$(spread <"$work/$1")"; }  # the figures collected in a file
forget() { local name; for name in "$@"; do rm -f "${work:?}/$name"; done; }

# One turn of nginx proxy_pass and one of Signalbox, each told by what the target has answered.
turn() {  # CONNECTIONS: appends to ratio, rate, cpu and cpu_ratio
    local before used rate base base_us us
    before=$(taken); used=$(cpu_us "$proxy_pid")
    hammer "$proxy" / "$1" "$seconds"
    base=$(($(taken) - before)); base_us=$(calc "($(cpu_us "$proxy_pid") - $used) / $base")
    before=$(taken); used=$(cpu_us "$serve_pid")
    hammer "$serve" "$path" "$1" "$seconds"
    rate=$(($(taken) - before)); us=$(calc "($(cpu_us "$serve_pid") - $used) / $rate")
    calc "sprintf(\"%.3f\", $rate / $base)" >>"$work/ratio"; echo >>"$work/ratio"
    calc "int($rate / $seconds)" >>"$work/rate"; echo >>"$work/rate"
    calc "sprintf(\"%.1f\", $us)" >>"$work/cpu"; echo >>"$work/cpu"
    calc "sprintf(\"%.2f\", $us / $base_us)" >>"$work/cpu_ratio"; echo >>"$work/cpu_ratio"
}

with_log() {  # MEASURE: a row's name
    printf '%s%s' "${commits:+with a log before the file: }" "$1"
}

throughput() {
    start_sink; start_proxy; start_signalbox plain
    local idle runs made
    idle=$(rss_mb "$serve_pid" VmRSS)
    hammer "$serve" "$path" 64 "$seconds"  # warm-up
    forget ratio rate cpu cpu_ratio
    runs=$(metric signalbox_runs_accepted_total); made=$(metric signalbox_journal_commits_total)
    for _ in $(seq "$rounds"); do turn 64; done
    runs=$(($(metric signalbox_runs_accepted_total) - runs))
    made=$(($(metric signalbox_journal_commits_total) - made))
    row "$(with_log "dispatches/s ÷ proxy_pass, 64 connections")" "$(of ratio)" "reach 0.45, then 0.55; $(of rate)/s"
    row "$(with_log "CPU a dispatch ÷ proxy_pass")" "$(of cpu_ratio)" "reach 2.2; $(of cpu) µs"
    row "$(with_log "runs a commit under load")" "$(calc "sprintf(\"%.1f\", $runs / $made)")" "reach 20"
    forget ratio rate cpu cpu_ratio crowd
    local before few
    for _ in $(seq "$rounds"); do
        before=$(taken)
        hammer "$serve" "$path" 64 "$seconds"
        few=$(calc "($(taken) - $before) / $seconds")
        turn 1000
        calc "sprintf(\"%.2f\", $(tail -1 "$work/rate") / $few)" >>"$work/crowd"; echo >>"$work/crowd"
    done
    row "$(with_log "throughput at 1,000 connections ÷ at 64")" "$(of crowd)" "reach 0.9; ÷ proxy_pass $(of ratio)"
    row "$(with_log "memory idle, and at 1,000 connections under load")" "$idle MB, $(rss_mb "$serve_pid" VmHWM) MB" "reach 30 MB, 64 MB"
    check_ledger
    row "  ledger of these" "$ledger"
    stop_parts
}

# What the reach is stated for: proved by a signature when it comes, and signed when it goes. Each message is
# another one, which the load generator has to make and sign; so nginx is asked the same way.
signed_source() {
    start_sink; start_proxy; start_signalbox plain
    path=/v1/sources/hook
    headers=("Content-Type: application/json")
    local signed=yes
    hammer "$serve" "$path" 64 "$seconds"  # warm-up
    forget ratio rate cpu cpu_ratio
    for _ in $(seq "$rounds"); do turn 64; done
    row "$(with_log "dispatches/s ÷ proxy_pass, HMAC verified in")" "$(of ratio)" "reach 0.45, then 0.55; $(of rate)/s"
    row "$(with_log "CPU a dispatch ÷ proxy_pass, HMAC verified in")" "$(of cpu_ratio)" "reach 2.2; $(of cpu) µs"
    check_ledger
    row "  ledger of these" "$ledger"
    stop_parts
}

paced() {
    start_sink; start_signalbox plain
    pace 2000 1 256 >/dev/null
    forget accept99 accept50
    local line
    for _ in $(seq "$rounds"); do
        line=$(pace 10000 "$seconds" 256)
        cut -d' ' -f5 <<<"$line" >>"$work/accept50"
        cut -d' ' -f6 <<<"$line" >>"$work/accept99"
    done
    row "$(with_log "accept p99 at a paced 10,000/s")" "$(of accept99) ms" "reach 5 ms; p50 $(of accept50) ms"
    check_ledger "$work/accepted"
    row "$(with_log "due to delivered p99 at a paced 10,000/s")" "${ledger##* } ms" "reach 6 ms; the last round"
    row "  ledger of these" "${ledger% delivered_ms*}"
    stop_parts
}

slow_target() {
    start_sink 200; start_signalbox plain
    pace 2000 1 512 >/dev/null
    local before used line
    before=$(taken); used=$(cpu_us "$serve_pid")
    line=$(pace 2000 $((seconds * 2)) 512)
    row "$(with_log "2,000/s to a target that takes 200 ms")" "$(calc "int(($(taken) - $before) / ($seconds * 2))")/s" \
        "reach 2,000; $(calc "sprintf(\"%.1f\", ($(cpu_us "$serve_pid") - $used) / ($(taken) - $before))") µs each, accepting included; accept p99 $(cut -d' ' -f6 <<<"$line") ms"
    check_ledger
    row "  ledger of these" "$ledger"
    stop_parts
}

# The same without a journal and without callers: the core's client on one loop, in turns with a bare one
# (bench-load, which does not sign and looks at little of a reply).
alone() {  # RATE AT_ONCE: appends to alone, alone_ratio and answered
    local bare line
    bare=$(pace "$1" "$seconds" "$2" | cut -d' ' -f9)
    line=$("$build/bin/bench-deliver" "$sink" "$work/body.json" "$work/answered.last" "$2" "$seconds" "$1")
    [ "$(cut -d' ' -f2 <<<"$line")" = 0 ] || fail "deliveries without an answer: $line"
    cat "$work/answered.last" >>"$work/answered"
    echo "${line##* }" >>"$work/alone"
    calc "sprintf(\"%.2f\", ${line##* } / $bare)" >>"$work/alone_ratio"; echo >>"$work/alone_ratio"
}
deliveries_alone() {
    start_sink 200
    path=/ serve=$sink headers=("Content-Type: application/json")
    write_body
    forget answered alone alone_ratio
    for _ in $(seq "$rounds"); do alone 0 400; done
    row "the deliveries of these alone, 400 at once" "$(of alone) µs" "reach 15; ÷ a bare client $(of alone_ratio)"
    forget alone alone_ratio
    for _ in $(seq "$rounds"); do alone 2000 512; done
    row "the same by the clock, 2,000/s" "$(of alone) µs" "÷ a bare client $(of alone_ratio)"
    stop_part "$sink_pid"
    # The ids of each turn begin anew; what the bare client sends has none.
    cmp -s <(sort "$work/answered") <(cut -d' ' -f1 "$received" | sort) ||
        fail "what was answered is not what the target has"
    row "  ledger of these" "answered=$(wc -l <"$work/answered") received=$(wc -l <"$received")"
    stop_parts
}

# Two of Signalbox at once, of which one is asked at a time: what is compared is taken in neighbouring turns.
declare -A of_sink of_sink_pid of_received of_serve of_pid of_folder of_token
remember() {  # NAME: of what start_sink and start_signalbox have set
    of_sink[$1]=$sink of_sink_pid[$1]=$sink_pid of_received[$1]=$received
    of_serve[$1]=$serve of_pid[$1]=$serve_pid of_folder[$1]=$folder of_token[$1]=$token
}
choose() {  # NAME
    sink=${of_sink[$1]} sink_pid=${of_sink_pid[$1]} received=${of_received[$1]} serve=${of_serve[$1]}
    serve_pid=${of_pid[$1]} folder=${of_folder[$1]} token=${of_token[$1]}
    headers=("Content-Type: application/json" "Authorization: Bearer $token")
}
# Of a turn of each, what the target got and the CPU a dispatch: in `got` and `spent`.
turn_of() {  # NAME
    local before used
    choose "$1"
    before=$(taken); used=$(cpu_us "$serve_pid")
    hammer "$serve" "$path" 64 "$seconds"
    got=$(($(taken) - before)); spent=$(calc "($(cpu_us "$serve_pid") - $used) / $got")
}

# The same inputs through the Azure plugin with a real action document, in turns with the plain path.
azure() {
    local kind base
    for kind in plain azure; do start_sink; start_signalbox "$kind"; remember "$kind"; done
    for kind in plain azure; do choose $kind; hammer "$serve" "$path" 64 1; done
    forget ratio
    for _ in $(seq "$rounds"); do
        turn_of plain; base=$got
        turn_of azure
        calc "sprintf(\"%.3f\", $got / $base)" >>"$work/ratio"; echo >>"$work/ratio"
    done
    row "Azure plugin with a real action document ÷ plain path" "$(of ratio)" "reach 0.8"
    for kind in plain azure; do choose $kind; check_ledger; row "  ledger of these" "$ledger"; done
    stop_parts
}

# CPU of a dispatch on a journal of ten million finished runs, in turns with one of ten thousand.
many_rows() {
    local count few
    for count in 10000 10000000; do
        "$build/bin/fill-journal" "$work/filled" "$count" sink finished
        start_sink; start_signalbox plain "$work/filled"; remember "$count"
    done
    for count in 10000 10000000; do choose $count; hammer "$serve" "$path" 64 "$seconds"; done
    forget ratio cpu
    for _ in $(seq "$rounds"); do
        turn_of 10000; few=$spent
        turn_of 10000000
        calc "sprintf(\"%.2f\", $spent / $few)" >>"$work/ratio"; echo >>"$work/ratio"
        calc "sprintf(\"%.1f\", $spent)" >>"$work/cpu"; echo >>"$work/cpu"
    done
    row "CPU a dispatch at 10 million rows ÷ at 10 thousand" "$(of ratio)" "reach 1.15; $(of cpu) µs"
    stop_parts
    for count in 10000 10000000; do choose $count; rm -rf "$folder"; done
}

echo "Signalbox, HMAC-SHA256 out, bearer token in or a signed source, 2 KiB, synchronous=FULL, hold, in_flight 512"
throughput
signed_source
paced
slow_target
deliveries_alone
azure
commits=log  # the other journal
[ -n "$quick" ] || throughput
signed_source
paced
[ -n "$quick" ] || slow_target
unset commits
if [ -z "$quick" ]; then
    many_rows
    row "memory of a million pending runs" \
        "$("$root/tests/bench/million_pending.sh" --build "$build" | sed -n 's/.*memory .*at most \([0-9]* MB\)/\1/p')" "reach 150 MB"
    peers
fi

echo
echo "$(nproc) processors, $(uname -sr); $rounds rounds of $seconds s; median (smallest to largest)"
column -t -s "$(printf '\t')" <"$table"
