#!/usr/bin/env bash
# Everything that has to hold, in one command: format, lints, the build without the console, all tests, the
# documentation. CrowdSec's real server comes out of the distribution's package, unpacked under target/: its
# post-install script does not run, and nothing is installed on the system. Where apt knows no package yet, its lists
# are updated, for which it has to be root.
#
# GATEWATCH_TEST_CROWDSEC=DIR uses a package that was unpacked before. GATEWATCH_TEST_VICTORIALOGS=BINARY tests against
# a real VictoriaLogs too, which no distribution packages; without it those tests say that they were skipped.
set -euo pipefail
cd "$(dirname "$0")/.."

servers=${CARGO_TARGET_DIR:-$PWD/target}/test-servers
marker=$servers/ran

step() { printf '\n== %s\n' "$*"; }
fail() { printf '\ntests/run.sh: %s\n' "$*" >&2; exit 1; }

named=${GATEWATCH_TEST_CROWDSEC:-}
victorialogs=${GATEWATCH_TEST_VICTORIALOGS:-}
# The settings of whoever runs this are not the tests' business, and a test is known by the name of its thread.
for variable in RUST_TEST_THREADS ${!GATEWATCH_@}; do unset "$variable"; done

[ -z "$victorialogs" ] || export GATEWATCH_TEST_VICTORIALOGS=$victorialogs

as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi; }

# Downloads packages into the current folder.
download() {
    apt-get -qq download "$@" 2>/dev/null && return
    echo "apt does not know $* yet: updating its lists"
    as_root apt-get -qq update
    apt-get -qq download "$@"
}

unpack_crowdsec() {
    local into=$servers/crowdsec packages=(crowdsec) work
    [ ! -x "$into/usr/bin/crowdsec" ] || return 0
    command -v apt-get >/dev/null && command -v dpkg >/dev/null ||
        fail "CrowdSec is unpacked out of Debian's package; without apt-get and dpkg, unpack it yourself and name the folder in GATEWATCH_TEST_CROWDSEC"
    # The program is linked with SQLite, which a bare system may not have.
    ldconfig -p 2>/dev/null | grep -q 'libsqlite3\.so\.0' || packages+=(libsqlite3-0)
    mkdir -p "$servers"
    work=$(mktemp -d "$servers/unpacking.XXXXXX")
    # apt's own user may not enter the folder; then root downloads, and apt would say so each time.
    chmod 755 "$work"
    (cd "$work" && download "${packages[@]}") || fail "the packages ${packages[*]} could not be downloaded"
    for package in "$work"/*.deb; do dpkg -x "$package" "$work/root"; done
    mv "$work/root" "$into"
    rm -r "$work"
}

step "CrowdSec's server"
if [ -z "$named" ]; then unpack_crowdsec; named=$servers/crowdsec; fi
version=$(LD_LIBRARY_PATH=$(printf '%s:' "$named"/usr/lib/*-linux-gnu) "$named/usr/bin/crowdsec" -version 2>&1) ||
    fail "the server in $named does not run: $version"
echo "${version%%$'\n'*}"
export GATEWATCH_TEST_CROWDSEC=$named

for component in fmt clippy; do
    cargo "$component" --version >/dev/null 2>&1 ||
        rustup component add "${component/fmt/rustfmt}" ||
        fail "cargo $component is missing"
done
export CARGO_TERM_COLOR=${CARGO_TERM_COLOR:-never}

step "format"
cargo fmt --check

step "lints"
cargo clippy --locked --all-targets -- -D warnings

step "without the console: lints and tests of the library"
cargo clippy --locked --no-default-features --lib --bins -- -D warnings
cargo test --locked --no-default-features --lib

step "all tests"
mkdir -p "$servers"
rm -f "$marker"
# A test that hangs is named by the harness after a minute; what calls this is not kept waiting for it for ever.
GATEWATCH_TEST_MARKER=$marker timeout --kill-after=1m 45m cargo test --locked --no-fail-fast ||
    fail "tests failed, or did not end within 45 minutes"

step "every test against CrowdSec ran"
touch "$marker"
cargo test --locked --test it -- --list --format terse 2>/dev/null | sed -n 's/^\(.*::live::.*\): test$/\1/p' | sort >"$marker.listed"
skipped=$(sort -u "$marker" | comm -13 - "$marker.listed")
[ -s "$marker.listed" ] || fail "there are no tests against CrowdSec"
[ -z "$skipped" ] || fail "these did not run against CrowdSec:"$'\n'"$skipped"
echo "$(wc -l <"$marker.listed") of them, each with a server of its own"

step "documentation"
RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps

step "all of it holds"
