# SPDX-License-Identifier: Apache-2.0
# Prints a policy of `types` types in `attributes` attributes with `rules` rules, drawn by a fixed seed.
function pick(n) { seed = (seed * 16807) % 2147483647; return seed % n }
function bearer() { return pick(8) == 0 ? "a" pick(attributes) : "t" pick(types) "_t" }
BEGIN {
    seed = 42
    split("create destroy pause unpause getdomaininfo transition", domain)
    split("send bind create status reset", event)
    split("map_read map_write copy query setup unmap", grant)
    for (i = 0; i < attributes; i++) print "attribute a" i ";"
    for (i = 0; i < types; i++) {
        print "type t" i "_t, a" pick(attributes) ", domain_type;"
        if (i % 3 == 0) print "typeattribute t" i "_t a" pick(attributes) ";"
        if (i % 7 == 0) print "type t" i "_self;\ntype_transition t" i "_t t" i "_t:domain t" i "_self;\nrole system_r types t" i "_self;"
        print "role system_r types t" i "_t;"
    }
    for (i = 0; i < rules; i++) {
        kind = pick(20) == 0 ? "auditallow" : pick(20) == 0 ? "dontaudit" : "allow"
        class = pick(3)
        what = class == 0 ? "domain " domain[1 + pick(6)] : class == 1 ? "event " event[1 + pick(5)] : "grant " grant[1 + pick(6)]
        split(what, part, " ")
        print kind " " bearer() " " bearer() ":" part[1] " " part[2] ";"
    }
}
