#!/bin/sh
# What the reporting steps of a Port pipeline do, with nothing but curl: a token, log lines, a label, a link,
# the end. Only the host's name differs from Port's.
#   SIGNALBOX_URL=… CLIENT_ID=… CLIENT_SECRET=… report.sh RUN_ID
set -eu
run=$1

call() { # METHOD PATH BODY: prints the status and the reply's body; fails where it is not 2xx
    curl -sS -X "$1" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
        -d "$3" -w '\n%{http_code}\n' "$SIGNALBOX_URL$2" >"$reply"
    status=$(tail -n 1 "$reply")
    echo "$1 $2 $status"
    case $status in 2??) ;; *) cat "$reply" >&2; return 1 ;; esac
}

reply=$(mktemp)
trap 'rm -f "$reply"' EXIT
token=$(curl -sS -H 'Content-Type: application/json' \
    -d "{\"clientId\":\"$CLIENT_ID\",\"clientSecret\":\"$CLIENT_SECRET\"}" \
    "$SIGNALBOX_URL/v1/auth/access_token" | sed 's/.*"accessToken":"\([^"]*\)".*/\1/')

call POST "/v1/actions/runs/$run/logs" '{"message": "checked out"}'
call POST "/v1/actions/runs/$run/logs" '{"message": "tests passed", "statusLabel": "testing"}'
call PATCH "/v1/actions/runs/$run" '{"statusLabel": "deploying", "link": ["https://ci.example/4711", "https://app.example"]}'
call PATCH "/v1/actions/runs/$run" '{"externalRunId": "4711", "summary": "**done**", "message": {"note": "as of old"}}'
call POST "/v1/actions/runs/$run/logs" '{"message": "deployed", "terminationStatus": "SUCCESS", "statusLabel": "deployed"}'

# The run is over, and does not change any more.
if call PATCH "/v1/actions/runs/$run" '{"status": "FAILURE"}' 2>/dev/null; then
    echo "a finished run took a second end" >&2
    exit 1
fi
[ "$status" = 409 ]
