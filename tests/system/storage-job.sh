#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2034,SC2154,SC2317 # expanded in the tenants; steps are called by name
# A storage VM (xl devd) serves a tenant's disk and is killed twice: while nothing is under way, when detach and
# attach make it good; and while the tenant writes, when Linux's frontend waits for ever for what was under
# way. Another tenant and all else go on both times, and a next storage VM serves. steps.sh comes before this.
daemons-ready
patience=240
made=0

tenant() {
    sed -e "s/^name.*/name = \"$1\"/" -e 's/^vcpus.*/vcpus = 1/' -e 's/^memory.*/memory = 192/' /etc/xen/web.cfg
}
disk() { echo "format=raw, vdev=$1, access=rw, backend=storage, target=/disk.img"; }
serves() { starts storage && told storage 'dd if=/dev/zero of=/disk.img bs=1M count=24; echo disk-$?' '^disk-0'; }
labelled() { xl list -Z | grep -q '^storage .* system_u:system_r:storage_t$'; }
# of_the_backend DEVICE: it is that VM's, and none of the management VM's
of_the_backend() { [ "$(xenstore-read "/local/domain/$(xl domid one)/device/vbd/$1/backend-id")" = "$(xl domid storage)" ]; }
# Each answer is looked for once, so each has a number.
makes_file_system() {
    made=$((made + 1))
    told one "mke2fs /dev/$1 >/dev/null && mkdir -p /$1 && mount /dev/$1 /$1 && ln -sfn /$1 /mnt && echo made-$made-\$?" "^made-$made-0"
}
# The page cache is emptied before it is read back.
writes() {
    told one "dd if=/dev/urandom of=/mnt/data bs=64k count=128 conv=fsync && sha256sum </mnt/data | dd of=/mnt/sum conv=fsync && echo 3 >/proc/sys/vm/drop_caches && sha256sum </mnt/data | cmp - /mnt/sum && echo read-$1-\$?" "^read-$1-0"
}
# A marker every so many writes, so that it is known to be under way.
loads() {
    told one '(n=0; while dd if=/dev/zero of=/mnt/load bs=64k count=64 conv=fsync 2>/dev/null; do n=$((n + 1)); echo round-$n; done; echo load-ended) &' '^round-3'
}
killed() { xl destroy storage && within 60 refused xl domid storage; }
unmounts() { told one 'umount /xvda; echo unmounted-$?' '^unmounted-0'; }
still_waits() {
    rounds=$(grep -c '^round-' /tmp/one.log)
    sleep 5
    [ "$(grep -c '^round-' /tmp/one.log)" -eq "$rounds" ] && refused grep -q '^load-ended' /tmp/one.log
}
lives() { told "$1" "echo $2-lives" "^$2-lives"; }
detached() { xl block-detach one xvda && told one 'while [ -e /dev/xvda ]; do sleep 1; done; echo gone-$?' '^gone-0'; }
attached() { xl block-attach one "$(disk "$1")" && told one "until [ -b /dev/$1 ]; do sleep 1; done; echo there-$1-\$?" "^there-$1-0"; }
end() { xl destroy one; xl destroy two; xl destroy storage; within $patience gone; }

cp /etc/xen/storage.cfg /tmp/
tenant one >/tmp/one.cfg
echo "disk = [ \"$(disk xvda)\" ]" >>/tmp/one.cfg
tenant two >/tmp/two.cfg

step storage serves
step label labelled
step client starts one
step neighbour starts two
step backend of_the_backend 51712
step file-system makes_file_system xvda
step write-and-read writes first
step unmount unmounts
step killed-idle killed
step detach detached
step storage-second serves
step attach attached xvda
step backend-second of_the_backend 51712
step file-system-second makes_file_system xvda
step write-and-read-second writes second

step load loads
step killed-loaded killed
step client-lives lives one first
step neighbour-lives lives two first
step storage-third serves
step attach-beside attached xvdb
step backend-third of_the_backend 51728
step file-system-third makes_file_system xvdb
step write-and-read-third writes third
step load-waits still_waits
step client-ends xl destroy one
step client-anew starts one
step file-system-anew makes_file_system xvda
step write-and-read-anew writes anew
step neighbour-still-lives lives two second
step end end
# What the management VM keeps of the first time is counted already.
frames=$(free_frames)
again() { serves && starts one && end; }
step again again
step nothing-left same_frames
