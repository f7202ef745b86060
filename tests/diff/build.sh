#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiles the small policies and, with `big` as second argument, the large synthetic one.
# usage: build.sh OUT [big]     from the top of the tree; needs cc, checkpolicy, awk
set -eu
out=$1
here=tests/diff
mkdir -p "$out"
${CC:-cc} -std=gnu11 -Wall -Wextra -I. $here/head.c -o "$out/head"
"$out/head" > "$out/head.conf"

compile() { # name, body, users, constraints
    cat "$out/head.conf" $here/policies/begin.inc "$2" $here/policies/users.inc \
        "$3" "$4" $here/policies/sids.inc > "$out/$1.policy"
    checkpolicy -t xen -c 30 -o "$out/$1.bin" "$out/$1.policy" > "$out/$1.log" 2>&1 || {
        cat "$out/$1.log"
        exit 1
    }
}

for body in $here/policies/*.conf; do
    name=$(basename "$body" .conf)
    users=$here/policies/$name.users
    rules=$here/policies/$name.rules
    [ -f "$users" ] || users=/dev/null
    [ -f "$rules" ] || rules=/dev/null
    compile "$name" "$body" "$users" "$rules"
done
awk -v types=110 -v attributes=16 -v rules=1500 -f $here/many_types.awk > "$out/many_types.te"
compile many_types "$out/many_types.te" /dev/null /dev/null
if [ "${2:-}" = big ]; then
    awk -v types=5000 -v attributes=100 -v rules=115000 -f $here/many_types.awk > "$out/big.te"
    compile big "$out/big.te" /dev/null /dev/null
fi
