#!/bin/sh
# Installs what Signalbox needs to be built, tested and shown on Debian 12. Only what is missing.
set -eu

usage() {
    cat <<'TEXT'
install-deps.sh [--test] [--bench]

Installs, as root or with sudo, what is missing to build, test and demonstrate Signalbox on Debian 12.
  --test    also what the tests start (nginx)
  --bench   also what the long tests and benchmarks need (nginx, wrk, webhook, clang, Google Benchmark)
TEXT
}

packages="g++ cmake ninja-build pkg-config ca-certificates curl openssl
    libpoco-dev libboost1.81-dev libssl-dev libsqlite3-dev libyaml-dev libre2-dev libjq-dev libmimalloc-dev libisal-dev catch2 doxygen
    clang abigail-tools"

for argument in "$@"; do
    case $argument in
        --test) packages="$packages nginx-light" ;;
        --bench) packages="$packages nginx-light clang-14 libclang-rt-14-dev wrk webhook libbenchmark-dev" ;;
        --help | -h)
            usage
            exit 0
            ;;
        *)
            echo "install-deps.sh: '$argument' is not an option" >&2
            usage >&2
            exit 2
            ;;
    esac
done

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    echo "install-deps.sh: there is no apt here. Install by hand what matches these packages of Debian 12:" >&2
    # shellcheck disable=SC2086  # the list is meant to be split
    echo "  "$packages >&2
    exit 1
fi

is_installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing=""
for package in $packages; do
    is_installed "$package" || missing="$missing $package"
done
# A bare root has no /etc/hosts, and without it the tests' own servers have no name.
has_localhost() {
    getent hosts localhost >/dev/null
}
if [ -z "$missing" ] && has_localhost; then
    echo "install-deps.sh: everything is installed"
    exit 0
fi

as_root=""
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "install-deps.sh: run it as root; missing:${missing:- localhost in /etc/hosts}" >&2
        exit 1
    fi
    as_root=sudo
fi

if ! has_localhost; then
    echo "install-deps.sh: /etc/hosts does not name localhost; adding it"
    printf '127.0.0.1 localhost\n::1 localhost\n' | $as_root tee -a /etc/hosts >/dev/null
fi
[ -n "$missing" ] || exit 0

apt() {
    # shellcheck disable=SC2086  # empty when we are root
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq "$@"
}

# apt knows a package only once its lists are there.
has_candidate() {
    apt-cache policy "$1" 2>/dev/null | grep -q 'Candidate: [^(]'
}
for package in $missing; do
    if ! has_candidate "$package"; then
        echo "install-deps.sh: updating apt's lists"
        apt update
        break
    fi
done

# Debian's Boost packages of different versions exclude each other.
case $missing in
    *libboost1.81-dev*)
        # shellcheck disable=SC2086
        removed=$(env DEBIAN_FRONTEND=noninteractive apt-get -s install --no-install-recommends $missing |
            sed -n 's/^Remv \([^ ]*\).*/\1/p' | tr '\n' ' ')
        if [ -n "$removed" ]; then
            echo "install-deps.sh: REMOVING, because it excludes libboost1.81-dev: $removed"
        fi
        ;;
esac

echo "install-deps.sh: installing$missing"
# shellcheck disable=SC2086
if ! apt install -y --no-install-recommends $missing; then
    # Lists that are old name versions the mirror no longer has.
    echo "install-deps.sh: that failed; trying again with fresh lists"
    apt update
    # shellcheck disable=SC2086
    apt install -y --no-install-recommends $missing
fi
