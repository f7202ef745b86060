#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs in the management VM, again after each of its lives: two tenants (3 and 4) exchange events and
# data while its kernel panics, its xenstored is killed, and it hangs. Tenants that never run, 11 and 12,
# tell how many lives have ended.
there() { xl list "$1" >/dev/null 2>&1; }
rounds() { cordon-vm report "$1" | sed -n 's/^0*\([0-9][0-9]*\) rounds, .* nothing lost$/\1/p'; }
state() { xl list "$1" | awk 'NR == 2 { print $5 }'; }
# Both have gone on, and neither missed anything.
exchange() {
    for tenant in 3 4; do
        before=$(rounds $tenant)
        for _ in $(seq 60); do
            [ "$(rounds $tenant)" -le $((before + 20)) ] || break
            sleep 1
        done
        cordon-vm report $tenant
        [ "$(rounds $tenant)" -gt $((before + 20)) ] || return 1
    done
}
recorded() {
    xl dmesg | grep 'op=stop vm="d0"' >/tmp/stops
    cat /tmp/stops
    [ ! -e /tmp/ended ] || cat /tmp/ended
    tail -n 1 /tmp/stops | grep -q "cause=$1 detail=$2 "
}
# List, pause, unpause, console, rename and destroy by xl, as for any VM.
named() { xl list | grep -q "^adopted-$1  *$1 " && xl domid "adopted-$1" | grep -qx "$1"; }
paused() {
    xl pause adopted-4 && state 4 | grep -q p && before=$(rounds 4) && sleep 1 &&
        [ "$(rounds 4)" -eq "$before" ] && xl unpause adopted-4
}
renamed() { xl rename adopted-11 eleven && xl list eleven && xl destroy eleven && ! there 11; }
destroyed() { xl destroy adopted-3 && xl destroy adopted-4 && xl destroy 12; }
mark() { cordon-vm create tenant_a_t tenant.elf --domid "$1" --paused; }

cd /usr/lib/cordon || exit 1
if ! there 3; then
    mark 11
    cordon-vm create tenant_a_t transfer.elf --domid 3 --paused offer=4
    cordon-vm create tenant_a_t transfer.elf --domid 4 --paused reach=3
    cordon-vm start 3
    cordon-vm start 4
    step first-exchange exchange
    step adopt cordon adopt
    step first-name named 3
    echo "ends: panic"
    sleep 1
    echo c >/proc/sysrq-trigger
fi
if ! there 12; then
    step panic-recorded recorded 0 3
    step panic-exchange exchange
    step panic-named named 3
    step panic-paused paused
    step panic-renamed renamed
    kill -9 "$(cat /run/xen/xenstored.pid)"
    for _ in $(seq 60); do
        sleep 1
        named 4 && break
    done
    step store-named named 4
    step store-exchange exchange
    mark 12
    echo "ends: hang"
    sleep 1
    hang
    echo "it did not hang: $?" >/tmp/ended # this life, which it should not have survived, goes on
fi
step hang-recorded recorded 0 4
step hang-exchange exchange
step hang-named named 4
step last-destroy destroyed
step last-gone refused there 3
