#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs in the management VM: Debian's own tools against the hypervisor. Each step prints one line.
step() {
    name=$1
    shift
    if "$@" >/tmp/out 2>&1; then echo "step $name: ok"; else
        echo "step $name: failed $?"
        cat /tmp/out
    fi
}
refused() { ! "$@"; }
enforcing() { flask-getenforce | grep -q Enforcing; }
cpus() { [ "$(nproc)" -eq "${WANT_CPUS:-$(nproc)}" ]; }
listed() { xl list -Z | grep -q 'Domain-0 .*system_u:system_r:dom0_t'; }
recorded() { xl dmesg | grep -q 'avc:  denied  { debug } for .* scontext=system_u:system_r:dom0_t tcontext=system_u:system_r:xen_t tclass=xen'; }
boolean() { flask-set-bool tenants_console 1 && flask-get-bool tenants_console | grep -q ': 1' && flask-set-bool tenants_console 0; }

echo "vcpus $(nproc)"
step info xl info
step list listed
step getenforce enforcing
step get-bool flask-get-bool -a
step set-bool boolean
step compile checkpolicy -t xen -c 30 -o /tmp/policy.bin /etc/cordon/policy.conf
step same-image cmp /tmp/policy.bin /etc/cordon/policy.bin
step compile-restricted checkpolicy -t xen -c 30 -o /tmp/no_debug.bin /etc/cordon/no_debug.conf
step debug-keys xl debug-keys q
step load-restricted flask-loadpolicy /tmp/no_debug.bin
step debug-keys-refused refused xl debug-keys q
step denial-recorded recorded
step load flask-loadpolicy /tmp/policy.bin
step debug-keys-again xl debug-keys q
head -c 5000 /tmp/policy.bin >/tmp/short.bin
flask-loadpolicy /tmp/short.bin >/tmp/out 2>&1
step refusal-told sh -c "xl dmesg | grep -q 'policy refused at byte [0-9]*:'"
step still-in-force xl debug-keys q
step event-devices ls /dev/xen/evtchn /dev/xen/gntdev /dev/xen/gntalloc /dev/xen/privcmd
step xenstore xenstore-ls /local/domain/0/name
step dmesg xl dmesg
