#!/bin/sh
# Builds Signalbox and runs its tests through CTest.
set -eu

usage() {
    cat <<'TEXT'
test.sh [--preset NAME] [--long]

Installs what is missing, builds, and runs every test labelled fast.
  --preset NAME   ci (default: release, warnings are errors), asan, tsan, dev or release
  --long          also the tests labelled long and fuzz; the latter take ten minutes each
TEXT
}

preset=ci
labels='^fast$'
more=--test
while [ $# -gt 0 ]; do
    case $1 in
        --preset)
            [ $# -ge 2 ] || { echo "test.sh: --preset needs a name" >&2; exit 2; }
            preset=$2
            shift
            ;;
        --preset=*) preset=${1#--preset=} ;;
        --long) labels='^(fast|long)$' more=--bench ;;
        --help | -h)
            usage
            exit 0
            ;;
        *)
            echo "test.sh: '$1' is not an option" >&2
            usage >&2
            exit 2
            ;;
    esac
    shift
done

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd)
cd "$root"
scripts/install-deps.sh "$more"  # the tests start nginx; the long ones need clang and wrk too
cmake --preset "$preset"
cmake --build --preset "$preset"
export TSAN_OPTIONS="suppressions=$root/tests/tsan.supp ${TSAN_OPTIONS:-}"  # read by the tsan preset only
run_tests() {
    ctest --preset "$preset" -L "$labels" --output-on-failure --no-tests=error --parallel 2
}
[ "$more" = --bench ] || { run_tests; exit; }
run_tests
# The fuzz targets need clang and libFuzzer, so they have a build of their own.
cmake --preset fuzz
cmake --build --preset fuzz
exec ctest --preset fuzz -L '^fuzz$' --no-tests=error --parallel 2
