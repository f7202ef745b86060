#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Runs in the management VM, under Cordon or Xen: a tenant that is bench/workload-init.
daemons-ready
cat >/tmp/work.cfg <<'CFG'
name = "work"
type = "pvh"
kernel = "/usr/lib/cordon/vmlinuz"
ramdisk = "/usr/lib/cordon/work.initrd"
extra = "console=hvc0 quiet rdinit=/workload"
vcpus = 1
memory = 256
tsc_mode = "native"
disk = [ "format=raw, vdev=xvda, access=rw, target=/tmp/disk.img" ]
CFG
dd if=/dev/zero of=/tmp/disk.img bs=1M count=32 2>/dev/null
xl list -Z 2>/dev/null | grep -q dom0_t && echo 'seclabel = "system_u:system_r:tenant_a_t"' >>/tmp/work.cfg
now() { cut -d ' ' -f 1 /proc/uptime; }
from=$(now)
xl create -q /tmp/work.cfg || exit 1
xl console work >/tmp/work.log &
until grep -q 'workload begins' /tmp/work.log; do usleep 10000; done
echo "$(now) $from" | awk '{ printf "workload create %.2f\n", $1 - $2 }'
until grep -q 'workload done' /tmp/work.log; do sleep 1; done
cat /tmp/work.log
