# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
# What the scripts share that run in the management VM; image/run --script takes one file, so the test
# puts this before the script.

# step NAME COMMAND...: one line of verdict; what was printed, if it failed
step() {
    name=$1
    shift
    if "$@" >/tmp/out 2>&1; then echo "step $name: ok"; else
        echo "step $name: failed $?"
        cat /tmp/out
    fi
}
refused() { ! "$@"; }
# within SECONDS COMMAND...: until it succeeds
within() {
    tries=$1
    shift
    until "$@"; do
        tries=$((tries - 1))
        [ $tries -gt 0 ] || return 1
        sleep 1
    done
}
# The hypervisor's count of free frames.
free_frames() {
    xl debug-keys m
    xl dmesg | sed -n 's/.*frames: total [0-9]* free \([0-9]*\) .*/\1/p' | tail -n 1
}
