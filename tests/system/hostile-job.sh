#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs in the management VM: a hostile tenant (domain 6, its peer is 5) beside two that talk to each
# other (3 and 4). tests/fuzz-guest puts in seed and number of calls.
step() {
    name=$1
    shift
    if "$@" >/tmp/out 2>&1; then echo "step $name: ok"; else
        echo "step $name: failed $?"
        cat /tmp/out
    fi
}
free() { xl info | sed -n 's/^free_memory *: //p'; }
state() { xl list 6 2>/dev/null | awk 'NR == 2 { print $5 }'; }
neighbours() {
    for second in $(seq 90); do
        cordon-vm report 4 | grep -q 'is answered' && break
        sleep 1
    done
    cordon-vm report 4
    cordon-vm report 4 | grep -q 'events answered: 2000$'
}
manage() { xl list -Z | grep -q tenant_a_t && xl info | grep -q xen_version && xl debug-keys qm; }
# Zeroing what comes back is background work.
memory() {
    for second in $(seq 60); do
        [ "$(free)" -eq "$before" ] && return 0
        sleep 1
    done
    echo "free before: $before, now: $(free)"
    return 1
}
# Records of a ring of 2,048: newest and oldest are no further apart.
trail() {
    xl debug-keys a
    xl dmesg | sed -n 's/.*audit: newest \([0-9]*\) oldest \([0-9]*\) lost.*/\1 \2/p' | tail -n 1 |
        awk '{ print; ok = $1 > 0 && $1 - $2 < 2048 } END { exit !ok }'
}

cd /usr/lib/cordon || exit 1
before=$(free)
cordon-vm create tenant_a_t tenant.elf --domid 3 --paused offer=4
cordon-vm create tenant_a_t neighbour.elf --domid 4 --paused reach=3 rounds=2000
cordon-vm create tenant_a_t tenant.elf --domid 5 --paused offer=6
cordon-vm create tenant_a_t hostile.elf --domid 6 --vcpus 2 --paused seed=@SEED@ calls=@CALLS@ self=6 peer=5
cordon-vm start 3
cordon-vm start 5
cordon-vm start 4
cordon-vm start 6
# It may well block itself, or spin for ever: then the others go on beside it.
for second in $(seq 60); do
    cordon-vm report 6 | grep -q '^last act' && break
    case $(state) in *s* | *c*) break ;; esac
    sleep 1
done
sleep 2
echo "the hostile guest is in state $(state)"
cordon-vm report 6
step neighbours neighbours
step peer cordon-vm report 5
step manage manage
step invariants sh -c 'xl debug-keys i && xl dmesg | grep "invariants: ok"'
for domain in 6 5 4 3; do cordon-vm destroy $domain; done
step memory memory
step trail trail
xl debug-keys i
xl dmesg | grep -a invariants | tail -n 1
