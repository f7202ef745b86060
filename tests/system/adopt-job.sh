#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2317 # expanded in the tenant; steps are called by name
# A tenant that xl created, with Debian's kernel, runs on while the management VM panics; in its next life
# xl lists, pauses and destroys it, and its shell answers on its console.
daemons-ready
patience=240

listen() {
    terminal=$(xenstore-read /local/domain/1/console/tty) || return 1
    xl console "$1" >/tmp/console.log 2>&1 </dev/null &
}
heard() { within $patience grep -qa "$1" /tmp/console.log; }
asked() { within $patience answers "$@"; }
answers() {
    echo "$1" >"$terminal"
    sleep 1
    grep -qa "$2" /tmp/console.log
}
adopted() { xl list | grep -q '^adopted-1  *1  *256  *2 ' && xl list -Z | grep -q '^adopted-1 .*:tenant_a_t$'; }
pauses() { xl pause adopted-1 && xl list adopted-1 | grep -q -- '--p---\|-bp---' && xl unpause adopted-1; }
# What docs/management-vm.md says is lost: the tenant never hears of it.
deaf() { ! timeout 90 xl shutdown adopted-1; }
destroys() { xl destroy adopted-1 && [ "$(xl list | wc -l)" -eq 2 ]; }

if ! xl list 1 >/dev/null 2>&1; then
    step create xl create /etc/xen/web.cfg
    listen web
    step up heard 'tenant: up'
    sleep 1
    echo c >/proc/sysrq-trigger
fi
step adopted adopted
listen adopted-1
step console asked 'echo alive $((40 + 2))' '^alive 42'
step pause pauses
step deaf deaf
step destroy destroys
