#!/bin/bash
# The ledger: kill -9 at random moments under load, then every id that was answered with 202 against every
# id that the target verified and took; under `on_unknown: hold`, then under `resend`.
#
#   tests/faults/ledger.sh [--build FOLDER] [--kills N] [--runs N]     (200 kills, 200,000 runs each)
#
# Needs a build with tests (scripts/test.sh makes build/ci). Ends with 0 if nothing was lost and the bounds
# of docs/reliability.md hold.
set -euo pipefail

root=$(cd -- "$(dirname -- "$0")/../.." && pwd)
build=$root/build/ci
export SIGNALBOX_LEDGER_KILLS=200 SIGNALBOX_LEDGER_RUNS=200000
while [ $# -gt 0 ]; do
    case $1 in
        --build) build=$(cd -- "$2" && pwd) ;;
        --kills) SIGNALBOX_LEDGER_KILLS=$2 ;;
        --runs) SIGNALBOX_LEDGER_RUNS=$2 ;;
        *) echo "ledger.sh: '$1' is not an option" >&2; exit 2 ;;
    esac
    shift 2
done
exec "$build/bin/faults_long" "[ledger]"
