#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2154,SC2317 # steps are called by name
# Debian's libvirt over libxl. It sends no label: such a tenant gets that of the initial SID domU, which
# shares nothing. steps.sh comes before this.
daemons-ready
patience=240
cat >/tmp/tenant.xml <<'XML'
<domain type='xen'>
  <name>plain</name>
  <memory unit='MiB'>192</memory>
  <vcpu>1</vcpu>
  <os>
    <type arch='x86_64' machine='xenpvh'>xenpvh</type>
    <kernel>/usr/lib/cordon/vmlinuz</kernel>
    <initrd>/usr/lib/cordon/tenant.initrd</initrd>
    <cmdline>console=hvc0 quiet</cmdline>
  </os>
  <devices>
    <console type='pty'><target type='xen' port='0'/></console>
  </devices>
</domain>
XML
virsh() { /usr/bin/virsh -q -c xen:///system "$@"; }
answers() { within $patience virsh version; }
lists() { virsh list --all | grep -q "$1"; }
labelled() { xl list -Z | grep -q '^plain .* system_u:system_r:domU_t$'; }
# virsh wants a terminal.
console() {
    virsh console plain --force </dev/hvc0 >/tmp/console.log 2>&1 &
    reader=$!
    within $patience grep -q 'tenant: up' /tmp/console.log || within 30 types
    kill $reader
}
types() {
    echo 'echo heard-by-virsh' >"$(xenstore-read "/local/domain/$(xl domid plain)/console/tty")"
    sleep 1
    grep -q '^heard-by-virsh' /tmp/console.log
}

step connect answers
step list lists 'Domain-0 *running'
step create virsh create /tmp/tenant.xml
step running lists 'plain *\(running\|idle\)'
step label labelled
step console console
step suspend virsh suspend plain
step paused lists 'plain *paused'
step resume virsh resume plain
step destroy virsh destroy plain
step gone within $patience gone
tail -n 20 /var/log/libvirt/libvirtd.log 2>/dev/null
