#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2016,SC2034,SC2317 # expanded in the tenant; steps are called by name
# What xl does with a tenant of two vCPUs that runs Debian's kernel, and what the tenant sees of it.
daemons-ready
patience=240
cfg=/etc/xen/web.cfg

# The console: xl console shows it, and what is typed goes to the terminal that xenconsoled keeps.
listen() {
    terminal=$(xenstore-read "/local/domain/$(xl domid "$1")/console/tty") || return 1
    xl console "$1" >"/tmp/$1.log" 2>&1 &
}
heard() { within $patience grep -q "$2" "/tmp/$1.log"; }
# asked COMMAND ANSWER: the tenant's shell, asked anew until it answers so
asked() { within $patience answers "$@"; }
answers() {
    echo "$1" >"$terminal"
    sleep 1
    grep -q "$2" /tmp/web.log
}
state() { xl list "$1" | awk 'NR == 2 { print $5 }'; }
column() { [ "$(xl "$1" "$2" | awk -v row="$3" -v column="$4" 'NR == row { print $column }')" = "$5" ]; }

starts() { xl create $cfg && xl list -Z | grep -q '^web .* system_u:system_r:tenant_a_t$'; }
named() { [ "$(xl domname "$(xl domid web)")" = web ]; }
pins() { xl vcpu-pin web 1 1 && column vcpu-list web 3 7 1 && xl vcpu-pin web 1 all && column vcpu-list web 3 7 1-2; } # not 0, under QEMU
unplugs() { xl vcpu-set web 1 && asked 'echo online $(nproc)' '^online 1' && column vcpu-list web 3 5 --p; }
replugs() { xl vcpu-set web 2 && asked 'echo online $(nproc)' '^online 2'; }
weighs() { xl sched-credit2 -d web -w 512 && xl sched-credit2 | grep -q '^web  *[0-9]*  *512  *0$'; }
has_memory() { column list web 2 3 "$1"; }
small='[ "$(sed -n "s/MemTotal: *\([0-9]*\) kB/\1/p" /proc/meminfo)" -lt 190000 ] && echo memory-small'
shrinks() { xl mem-set web 180 && within $patience has_memory 180 && asked "$small" '^memory-small'; }
grows() { xl mem-set web 256 && within $patience has_memory 256; }
too_big() { ! xl mem-set web 300 && has_memory 256; }
pauses() {
    xl pause web
    state web | grep -q '^--p---\|^-bp---' || return 1
    echo 'echo paused-or-not' >"$terminal"
    sleep 5
    ! grep -q '^paused-or-not' /tmp/web.log
}
resumes() { xl unpause web && heard web '^paused-or-not'; }
sysrq() { xl sysrq web h && heard web 'sysrq: HELP'; }
nmi() { xl trigger web nmi 1 && heard web 'NMI received'; }
renames() { xl rename web other && xl domid other && xl rename other web; }
tops() { xentop -b -i 1 | grep -q '^ *web '; }
is_another() { number=$(xl domid web 2>/dev/null) && [ "$number" -ne "$before" ]; }
reboots() { before=$(xl domid web) && xl reboot web && within $patience is_another && within $patience listen web && heard web 'tenant: up'; }
ends() { xl shutdown -w web && within $patience gone; }
# The other flavour of Debian's kernel, for machines with all kinds of hardware.
other_flavour() {
    sed -e 's/^name.*/name = "all"/' -e 's,^kernel.*,kernel = "/usr/lib/cordon/vmlinuz-amd64",' $cfg >/tmp/all.cfg
    xl create /tmp/all.cfg && listen all && heard all 'tenant: up, 2 vCPUs, kernel [0-9.-]*-amd64' &&
        xl shutdown -w all && within $patience gone
}
destroys() { xl create -p $cfg && xl destroy web && within $patience gone; }

step create starts
listen web
step console heard web 'tenant: up, 2 vCPUs'
step domid named
step vcpu-pin pins
step vcpu-unplug unplugs
step vcpu-replug replugs
step weight weighs
step shrink shrinks
step grow grows
step maximum too_big
step pause pauses
step unpause resumes
step sysrq sysrq
step trigger nmi
step no-such-button sh -c 'xl trigger web power 2>&1 | grep -q "power. failed"'
step rename renames
step top tops
step info xl info
step dmesg xl dmesg
step uptime sh -c 'xl uptime | grep -q ^web'
step reboot reboots
step shutdown ends
step other-flavour other_flavour
frames=$(free_frames)
step destroy destroys
step nothing-left same_frames

# wrong NAME CHANGE MESSAGE: this configuration is refused, in these words, and nothing is left of it
wrong() {
    sed "$2" $cfg >/tmp/wrong.cfg
    ! xl create /tmp/wrong.cfg >/tmp/wrong.out 2>&1 || return 1
    cat /tmp/wrong.out
    grep -q "$3" /tmp/wrong.out && within $patience gone && same_frames
}
step bad-label wrong label 's/tenant_a_t/no_such_t/' 'Invalid init_seclabel: .*no_such_t'
step bad-kernel wrong kernel 's,/usr/lib/cordon/vmlinuz,/bin/busybox,' 'not a PVH\|not bootable\|Invalid kernel'
step bad-memory wrong memory 's/^memory.*/memory = 100000/' 'Out of memory\|not enough memory\|insufficient'
step bad-feature wrong feature 's/^memory.*/&\nnestedhvm = 1/' 'domain creation fail: Invalid argument'

# Lives of a small guest: nothing may add up.
cat >/tmp/small.cfg <<'CFG'
name = "small"
type = "pvh"
kernel = "/usr/lib/cordon/tenant.elf"
memory = 16
seclabel = "system_u:system_r:tenant_a_t"
CFG
lives() {
    for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
        xl create -q /tmp/small.cfg && xl destroy small || return 1
    done
    within $patience gone
}
step twelve-lives lives
step nothing-adds-up same_frames
step store-is-empty sh -c '[ "$(xenstore-list /local/domain)" = 0 ]'
