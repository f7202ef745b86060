#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# shellcheck disable=SC2034,SC2154,SC2317 # steps are called by name; patience is a number
# Two managers beside the management VM, each a VM with Debian's kernel in which cordon-vm, on libxenctrl,
# manages tenants of its own owner; neither reaches the other's, nor the management VM them or theirs.
# steps.sh comes before this.
daemons-ready
patience=240
asked=0

manager() {
    sed -e "s/^name.*/name = \"$1\"/" -e "s/manager_a_t/manager_$1_t/" /etc/xen/manager.cfg >"/tmp/$1.cfg"
    xl create "/tmp/$1.cfg" || return 1
    terminal=$(xenstore-read "/local/domain/$(xl domid "$1")/console/tty") || return 1
    echo "$terminal" >"/tmp/$1.terminal"
    xl console "$1" >"/tmp/$1.log" 2>&1 </dev/null &
    within $patience grep -qa 'tenant: up' "/tmp/$1.log" && ask "$1" 'cd /usr/lib/cordon; PATH=/bin:/usr/bin'
}
# ask WHO COMMAND: the shell of that manager does it once; prints what it said
ask() {
    asked=$((asked + 1))
    echo "echo begin-$asked; $2; echo end-$asked-\$?" >"$(cat "/tmp/$1.terminal")"
    within $patience grep -qa "^end-$asked-[0-9]" "/tmp/$1.log" || return 1
    tr -d '\r' <"/tmp/$1.log" | sed -n "/^begin-$asked\$/,/^end-$asked-/p" >/tmp/said
    cat /tmp/said
}
# says WHO COMMAND ANSWER: so begins a line of what it said
says() { ask "$1" "$2" && grep -q "^$3" /tmp/said; }
recorded() { xl dmesg | grep -q "denied  { $1 } .* scontext=system_u:system_r:$2 tcontext=system_u:system_r:$3 tclass=$4 "; }
# denies WHO COMMAND PERMISSION OBJECT CLASS
denies() { says "$1" "cordon-vm $2" 'denied: ' && recorded "$3" "manager_$1_t" "$4" "$5"; }
pauses() { says a 'cordon-vm pause 11' allowed && says a 'cordon-vm list' 'allowed: domains 11 (paused)$'; }
number_of() { xl domid "$1"; }
sees_managers() { xl list | awk 'NR > 1 { print $1 }' | tr '\n' ' ' | grep -q '^Domain-0 a b $'; }
denied() { cordon-vm "$@" | grep '^denied: '; }
loads() { says a 'flask-loadpolicy policy.bin' '.*not permitted' && recorded load_policy manager_a_t security_t security; }
ends() { xl destroy a && xl destroy b && [ "$(xl list | wc -l)" -eq 2 ]; }

step load flask-loadpolicy /etc/cordon/managers.bin
step manager-a manager a
step manager-b manager b

step a-creates says a "cordon-vm create tenant_a_t tenant.elf --domid 11 offer=$(number_of a)" 'allowed: domain 11 runs, labelled tenant_a_t'
step b-creates says b "cordon-vm create tenant_b_t tenant.elf --domid 12 offer=$(number_of b)" 'allowed: domain 12 runs, labelled tenant_b_t'
step a-sees-its-own says a 'cordon-vm list' 'allowed: domains 11$'
step b-sees-its-own says b 'cordon-vm list' 'allowed: domains 12$'
step a-reads-report says a 'cordon-vm report 11' 'offers an event channel: allowed'
step a-event says a 'cordon-vm event 11' 'allowed: event channel with domain 11: sent and answered'
step a-pauses pauses
step a-starts-again says a 'cordon-vm start 11' 'allowed: domain 11 runs'

# The other's.
step a-creates-of-b denies a 'create tenant_b_t tenant.elf' create tenant_b_t domain
step a-pauses-of-b denies a 'pause 12' pause tenant_b_t domain
step a-starts-of-b denies a 'start 12' unpause tenant_b_t domain
step a-maps-of-b denies a 'report 12' map_read tenant_b_t mmu
step a-destroys-of-b denies a 'destroy 12' destroy tenant_b_t domain
step b-destroys-of-a denies b 'destroy 11' destroy tenant_a_t domain

# A manager, and the management VM.
step a-creates-manager denies a 'create manager_a_t tenant.elf' create manager_a_t domain
step a-destroys-b denies a "destroy $(number_of b)" destroy manager_b_t domain
step a-creates-dom0 denies a 'create dom0_t tenant.elf' create dom0_t domain
step a-pauses-dom0 denies a 'pause 0' pause dom0_t domain
step a-maps-dom0 denies a 'report 0' map_read dom0_t mmu
step a-destroys-dom0 denies a 'destroy 0' destroy dom0_t domain
step a-loads-policy loads

# Nor has the management VM any say over what is another's.
step dom0-sees-managers sees_managers
step dom0-creates-of-a denied create tenant_a_t /usr/lib/cordon/tenant.elf
step dom0-maps-of-a denied report 11
step dom0-destroys-of-a denied destroy 11
step dom0-recorded recorded destroy dom0_t tenant_a_t domain

step a-unharmed says a 'cordon-vm report 11' 'offers an event channel: allowed'
step b-unharmed says b 'cordon-vm report 12' 'offers an event channel: allowed'
step a-destroys says a 'cordon-vm destroy 11' 'allowed: domain 11 destroyed'
step a-sees-none says a 'cordon-vm list' 'allowed: domains$'
step b-destroys says b 'cordon-vm destroy 12' 'allowed: domain 12 destroyed'
frames=$(free_frames)
step a-again says a 'cordon-vm create tenant_a_t tenant.elf --domid 13 && cordon-vm destroy 13' 'allowed: domain 13 destroyed'
step nothing-left within 10 same_frames
step managers-end ends
