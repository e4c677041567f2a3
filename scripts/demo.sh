#!/bin/sh
# Shows one action from invocation to SUCCESS, against a stand-in for Azure, on this machine alone.
set -eu

usage() {
    cat <<'TEXT'
demo.sh [--once] [--build FOLDER]

Installs what is missing, builds, starts the Azure stand-in and Signalbox on free ports, and invokes the
example action of examples/azure_by_config. Then it keeps serving until Ctrl-C.
  --once           ends after the run; exit code 0 only if the run ended in SUCCESS and the stand-in
                   verified the signature
  --build FOLDER   uses the programs built there, and installs and builds nothing
TEXT
}

once=false
build=""
while [ $# -gt 0 ]; do
    case $1 in
        --once) once=true ;;
        --build)
            [ $# -ge 2 ] || { echo "demo.sh: --build needs a folder" >&2; exit 2; }
            build=$(CDPATH='' cd -- "$2" && pwd)
            shift
            ;;
        --help | -h)
            usage
            exit 0
            ;;
        *)
            echo "demo.sh: '$1' is not an option" >&2
            usage >&2
            exit 2
            ;;
    esac
    shift
done

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
example=$root/examples/azure_by_config

if [ -z "$build" ]; then
    build=$root/build/release
    "$root/scripts/install-deps.sh"
    cd "$root"
    [ -f "$build/build.ninja" ] || cmake --preset release
    cmake --build --preset release --target bin/signalbox \
        bin/azure-standin lib/signalbox/plugins/signalbox_azure_pipelines.so
fi
signalbox=$build/bin/signalbox

work=$(mktemp -d)
standin_pid=""
serve_pid=""

stop_children() {
    for pid in $serve_pid $standin_pid; do
        kill "$pid" 2>/dev/null || true
    done
    for pid in $serve_pid $standin_pid; do
        wait "$pid" 2>/dev/null || true
    done
    serve_pid=""
    standin_pid=""
}
clean_up() {
    code=$?
    trap - EXIT INT TERM HUP
    stop_children
    rm -rf "$work"
    exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

title() { printf '\n== %s\n\n' "$1"; }
indented() { sed 's/^/    /'; }

random_secret() { od -An -N24 -tx1 /dev/urandom | tr -d ' \n'; }

# Below the range the kernel gives out by itself, so that the stand-in's port cannot be the same.
random_port() {
    number=$(od -An -N2 -tu2 /dev/urandom | tr -d ' ')
    echo $((20000 + number % 12000))
}

# The first line a program writes is its URL. Prints it, or nothing when the program ended or was slow.
first_line() { # file pid
    tries=0
    while [ "$tries" -lt 300 ]; do
        line=$(head -n 1 "$1")
        case $line in http://*)
            echo "$line"
            return
            ;;
        esac
        kill -0 "$2" 2>/dev/null || return 0
        sleep 0.1
        tries=$((tries + 1))
    done
}

start_standin() { # port of Signalbox
    SIGNALBOX_CLIENT_SECRET=$PIPELINE_SECRET "$build/bin/azure-standin" --listen 127.0.0.1:0 \
        --webhook signalbox_deploy --secret-env AZURE_WEBHOOK_SECRET --header X-Port-Signature \
        --pipeline "$example/azure-pipelines.yml" \
        --variable "SIGNALBOX_URL=http://127.0.0.1:$1" >"$work/standin.log" 2>&1 &
    standin_pid=$!
    standin_url=$(first_line "$work/standin.log" "$standin_pid")
    if [ -z "$standin_url" ]; then
        echo "demo.sh: the stand-in does not start:" >&2
        cat "$work/standin.log" >&2
        exit 1
    fi
}

# The example's config with what makes it local: a free port, the stand-in's address, and leave to
# call the loopback address.
write_config() { # port of Signalbox
    sed -e "s|^listen: .*|listen: 127.0.0.1:$1|" \
        -e "s|^      organization: contoso\$|&\\
      base_url: $standin_url/contoso|" \
        -e "s|^    limits: .*|&\\
    egress: { allow: [127.0.0.0/8] }|" \
        "$example/signalbox.yaml" >"$work/signalbox.yaml"
}

start_both() {
    attempt=1
    while :; do
        port=$(random_port)
        start_standin "$port"
        write_config "$port"
        PORTAL_SECRET=$PORTAL_SECRET "$signalbox" serve --config "$work/signalbox.yaml" \
            >"$work/serve.out" 2>"$work/serve.log" &
        serve_pid=$!
        SIGNALBOX_URL=$(first_line "$work/serve.out" "$serve_pid")
        [ -z "$SIGNALBOX_URL" ] || return 0
        # Another program may have had that port.
        if ! grep -qi 'in use' "$work/serve.log" || [ "$attempt" -ge 5 ]; then
            echo "demo.sh: Signalbox does not start:" >&2
            cat "$work/serve.log" >&2
            exit 1
        fi
        attempt=$((attempt + 1))
        stop_children
    done
}

AZURE_WEBHOOK_SECRET=$(random_secret)
PORTAL_SECRET=$(random_secret)
PIPELINE_SECRET=$(random_secret)
export AZURE_WEBHOOK_SECRET PIPELINE_SECRET
cp -R "$example/actions" "$work/actions"
: >"$work/standin.log"
: >"$work/serve.out"
start_both

SIGNALBOX_CLIENT_ID=portal
SIGNALBOX_CLIENT_SECRET=$PORTAL_SECRET
export SIGNALBOX_URL SIGNALBOX_CLIENT_ID SIGNALBOX_CLIENT_SECRET

title "Running"
echo "    Signalbox           $SIGNALBOX_URL"
echo "    Azure's stand-in    $standin_url"

title "signalbox invoke deploy_service -i service=checkout -i environment=staging -i version=1.4.2 --wait"
code=0
"$signalbox" invoke deploy_service -i service=checkout -i environment=staging -i version=1.4.2 \
    --wait --timeout 60s --json >"$work/run.json" || code=$?
run=$(grep -o '"id" *: *"r_[^"]*"' "$work/run.json" | head -n 1 | sed 's/.*"\(r_[^"]*\)"/\1/')
if [ -z "$run" ]; then
    echo "demo.sh: the invocation was refused:" >&2
    cat "$work/run.json" "$work/serve.log" >&2
    exit 1
fi
echo "    run $run"

# The pipeline reports before its last steps are over; what they write belongs to the picture.
tries=0
while [ "$code" -eq 0 ] && [ "$tries" -lt 50 ] && ! grep -q ': completed, ' "$work/standin.log"; do
    sleep 0.1
    tries=$((tries + 1))
done

title "The signed request, byte for byte: signalbox runs show $run --request"
"$signalbox" runs show "$run" --request | indented || true

title "What Azure's stand-in saw, and the pipeline it started"
tail -n +2 "$work/standin.log" | indented

title "The run's road: signalbox runs show $run"
"$signalbox" runs show "$run" | indented || true
"$signalbox" runs logs "$run" | indented || true

verified=false
grep -q '^webhook signalbox_deploy: .*| signature verified$' "$work/standin.log" && verified=true
if [ "$code" -eq 0 ] && $verified; then
    title "SUCCESS: the signature was verified, the pipeline ran and reported back"
    result=0
else
    title "NOT AS IT SHOULD BE: invoke ended with exit code $code, signature verified: $verified"
    indented <"$work/serve.log"
    result=1
fi
if $once; then
    exit "$result"
fi

(
    umask 077
    cat >"$work/env" <<TEXT
export SIGNALBOX_URL=$SIGNALBOX_URL
export SIGNALBOX_CLIENT_ID=$SIGNALBOX_CLIENT_ID
export SIGNALBOX_CLIENT_SECRET=$SIGNALBOX_CLIENT_SECRET
alias signalbox=$signalbox
TEXT
)
cat <<TEXT
Where to look:
    $SIGNALBOX_URL/            the runs, as pages; user and password: the client's id and secret in $work/env
    $SIGNALBOX_URL/readyz      whether Signalbox is well
    $standin_url/_standin/runs        the stand-in's pipeline runs
    $work/signalbox.yaml       the config it runs with
    $work/serve.log            its log
To try it from another terminal:
    . $work/env
    signalbox invoke deploy_service -i service=cart -i environment=dev -i version=2.0.0 --wait
Serving until Ctrl-C.
TEXT
wait "$serve_pid" || true
echo "demo.sh: Signalbox ended; its log:" >&2
cat "$work/serve.log" >&2
exit 1
