#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2154,SC2317 # expanded in the tenants; steps are called by name
# Stock backends of the management VM: a disk for a tenant, and a bridge on which two tenants of one owner
# meet. steps.sh comes before this.
daemons-ready
patience=240

# tenant NAME ADDRESS: its configuration
tenant() {
    sed -e "s/^name.*/name = \"$1\"/" -e 's/^vcpus.*/vcpus = 1/' -e 's/^memory.*/memory = 192/' \
        -e "s,quiet,& address=$2/24," /etc/xen/web.cfg
    echo 'vif = [ "bridge=owner_a" ]'
}
bridge() { brctl addbr owner_a && ip link set owner_a up; }
bridged() { [ "$(find /sys/class/net/owner_a/brif/ -name 'vif*' | wc -l)" -eq "$1" ]; }
makes_file_system() { told one 'mke2fs /dev/xvda >/dev/null && mkdir /mnt && mount /dev/xvda /mnt && echo made-$?' '^made-0'; }
writes() { told one 'dd if=/dev/urandom of=/mnt/data bs=64k count=128 && sha256sum </mnt/data >/mnt/sum && umount /mnt && echo written-$?' '^written-0'; }
reads_back() { told one 'mount /dev/xvda /mnt && sha256sum </mnt/data | cmp - /mnt/sum && echo read-$?' '^read-0'; }
on_the_disk() { told one 'echo marker-of-the-tenant >/mnt/text; umount /mnt; echo left-$?' '^left-0' && grep -q marker-of-the-tenant /tmp/disk.img; }
pings() { told two 'ping -c 5 10.0.0.1; echo pinged-$?' '^pinged-0'; }
copies() {
    told one 'nc -l -p 99 </bin/busybox & echo waits' '^waits' &&
        told two 'sleep 40 | nc 10.0.0.1 99 | sha256sum | cut -c 1-16 | sed s/^/copy-/' "^copy-$(sha256sum </bin/busybox | cut -c 1-16)"
}
detaches() { told one 'echo let-go' '^let-go' && xl block-detach one xvda && told one 'ls /dev/xvda; echo gone-$?' '^gone-1'; }
end() { xl destroy one && xl destroy two && within $patience gone; }
clean() { bridged 0 && [ -z "$(losetup -a)" ]; }

dd if=/dev/zero of=/tmp/disk.img bs=1M count=24 2>/dev/null
tenant one 10.0.0.1 >/tmp/one.cfg
echo 'disk = [ "format=raw, vdev=xvda, access=rw, target=/tmp/disk.img" ]' >>/tmp/one.cfg
tenant two 10.0.0.2 >/tmp/two.cfg

step bridge bridge
step first starts one
step second starts two
step bridged bridged 2
step file-system makes_file_system
step write writes
step read-back reads_back
step on-the-disk on_the_disk
step detach detaches
step ping pings
step copy copies
step end end
step clean clean
