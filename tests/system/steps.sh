# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154 # patience and frames are the scripts'
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
# Tenants that run Debian's kernel. The console's log is /tmp/NAME.log; patience is seconds.
# starts NAME: as /tmp/NAME.cfg says, until its shell is there
starts() {
    xl create "/tmp/$1.cfg" || return 1
    xl console "$1" >"/tmp/$1.log" 2>&1 &
    within "$patience" grep -q 'tenant: up' "/tmp/$1.log"
}
# told NAME COMMAND ANSWER: its shell does it once; the answer is what it then says, else what it did say is printed
told() {
    echo "$2" >"$(xenstore-read "/local/domain/$(xl domid "$1")/console/tty")"
    within "$patience" grep -q "$3" "/tmp/$1.log" && return
    tail -n 12 "/tmp/$1.log"
    return 1
}
gone() { [ "$(xl list | wc -l)" -eq 2 ]; }
# frames is what free_frames said before
same_frames() { echo "$frames, now $(free_frames)" && [ "$(free_frames)" = "$frames" ]; }
