# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# One boot in QEMU, and what its console must show. Sourced by tests/system/run and tests/fuzz-guest.
set -u
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
out=$top/build/system
passed=0
failed=0
mkdir -p "$out"

# boot NAME OPTION...: runs image/run under a bound; the console goes to $out/NAME.log
boot() {
    local name=$1
    shift
    log=$out/$name.log
    printf '  boot %-28s ' "$name"
    timeout $((${bound:-400} + 20)) "${booter:-$top/image/run}" --timeout "${bound:-400}" "$@" </dev/null >"$log.raw" 2>&1
    status=$?
    tr -d '\r\000' <"$log.raw" >"$log"
    echo "status $status"
}

verdict() {
    if [ "$1" -eq 0 ]; then
        passed=$((passed + 1))
        echo "    ok      $2"
        return 0
    fi
    failed=$((failed + 1))
    echo "    FAILED  $2 (see ${log#"$top"/})"
    return 1
}

# expect DESCRIPTION EXTENDED-REGEX: a line of the last boot's console matches
expect() {
    grep -aqE -- "$2" "$log"
    verdict $? "$1"
}

# expect_not DESCRIPTION EXTENDED-REGEX: no line does
expect_not() {
    ! grep -aqE -- "$2" "$log"
    verdict $? "$1"
}

# expect_one_life NAME: the management VM met nothing that ended it without its own doing; it would have been
# started again, and its script with it
expect_one_life() { expect_not "$1: the management VM ran on" 'op=stop vm="d0" .*cause=[1-9]'; }

# expect_status DESCRIPTION NUMBER: the boot ended so
expect_status() {
    [ "$status" -eq "$2" ]
    verdict $? "$1 (status $status)"
}

# expect_steps NAME STEP...: each has its line of success; of a step that failed, what it printed, and of
# one that never came, where the console ends
expect_steps() {
    local name=$1 s
    shift
    for s in "$@"; do
        expect "$name: $s" "^step $s: ok" && continue
        if grep -aq "^step $s: failed" "$log"; then
            sed -n "/^step $s: failed/,/^step [^:]*: ok/p" "$log" | head -n 20
        else
            tail -n 20 "$log"
        fi | cut -c 1-300 | sed 's/^/            /'
    done
}
