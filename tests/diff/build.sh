#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Compiles the policies of the differential tests.
# usage: build.sh OUT     from the top of the tree; needs cc, checkpolicy, awk, python3, m4
#   OUT/policies/  one small policy a feature, from policies/; synthetic ones; ours in its variants
#   OUT/refused/   one a feature that the hypervisor refuses on purpose, from refused/
# A small policy is NAME.conf between a common head and common initial SIDs, and optionally
# NAME.{defaults,users,rules,contexts} (at their places in the grammar) and NAME.sed (changes the head).
# Lines "# options: ..." (of checkpolicy) and "# tail: ..." (bytes behind the image) in NAME.conf.
set -eu
out=$1
here=tests/diff
common=$here/policies
mkdir -p "$out/policies" "$out/refused" "$out/source"
${CC:-cc} -std=gnu11 -Wall -Wextra -I. $here/head.c -o "$out/head"
"$out/head" >"$out/head.conf"

# compile TO OPTIONS: checkpolicy leaves a stub where it fails, so it writes aside
compile() {
    local to=$1 options=$2
    # shellcheck disable=SC2086
    if checkpolicy -t xen -c 30 $options -o "$to.part" "$out/source/${to##*/}.policy" >"$to.log" 2>&1; then
        mv "$to.part" "$to.bin"
    else
        cat "$to.log"
        exit 1
    fi
}

# An -M policy writes a level behind each context and user.
with_levels() { sed -e '/^sid [^ ]* [^ ]*:/s/$/:s0/' -e '/^user /s/;$/ level s0 range s0;/'; }

# small FOLDER BODY NAME
small() {
    local folder=$1 body=$2 name=$3 part=$here/$1/$3 options='' levels=cat
    options=$(sed -n 's/^# options: //p' "$body")
    [[ $options != *-M* ]] || levels=with_levels
    sed -f "$([ -f "$part.sed" ] && echo "$part.sed" || echo /dev/null)" "$out/head.conf" >"$out/source/head"
    part_of() { if [ -f "$part.$1" ]; then cat "$part.$1"; fi; }
    {
        cat "$out/source/head"
        part_of defaults
        cat $common/begin.inc "$body" $common/users.inc
        part_of users
        part_of rules
        cat $common/sids.inc
        part_of contexts
    } | $levels >"$out/source/$name.policy"
    compile "$out/$folder/$name" "$options"
    sed -n 's/^# tail: //p' "$body" >>"$out/$folder/$name.bin"
}

for folder in policies refused; do
    for body in "$here/$folder"/*.conf; do
        small "$folder" "$body" "$(basename "$body" .conf)"
    done
done

# synthetic TYPES ATTRIBUTES RULES
synthetic() {
    awk -v types="$1" -v attributes="$2" -v rules="$3" -f $here/many_types.awk >"$out/source/types_$1.te"
    small policies "$out/source/types_$1.te" "types_$1"
}
synthetic 110 16 1500
synthetic 600 40 12000
synthetic 5000 100 115000

# Ours: as it is, by its switches, with a module, and less one permission at a time.
ours() { policy/build "$@" >/dev/null; }
ours --output "$out/policies/ours.bin"
ours --output "$out/policies/ours_no_debug.bin" -D no_debug
ours --output "$out/policies/ours_managers.bin" -D managers
ours --output "$out/policies/ours_version_2.bin" -D policy_version=2 -D no_debug
ours --output "$out/policies/ours_with_module.bin" --module $here/web.te
ours --output "$out/policies/ours_with_manager.bin" --module $here/manager.te
for without in event:send event:bind grant:map_write mmu:adjust own:shutdown port:close domain:create \
    domain:transition xen:writeconsole security:load_policy; do
    ours --without $without "$out/policies/ours_without_${without/:/_}.bin"
done
ours --without grant:map_read --for dom0_t "$out/policies/ours_without_grant_map_read_of_dom0.bin"
