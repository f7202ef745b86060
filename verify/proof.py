# SPDX-License-Identifier: Apache-2.0
"""What verify/prove and verify/mutants share: the provers' configuration, the modules of
verify/proofs/, a run of Frama-C WP, and what can be read from its normalised source."""
import copy
import fnmatch
import json
import os
import re
import shutil
import subprocess
import threading
from pathlib import Path
import tree

BUILD = Path("build/proof")
MODULES = Path("verify/proofs")

# --- provers -------------------------------------------------------------------------------------

# WP declares these operators commutative and associative to Alt-Ergo only. Facts about bitwise
# and, or, exclusive or of integers; together with WP's own theories they are trusted.
BITWISE = """
  axiom land_comm_smt:  forall x y:int [land x y]. land x y = land y x
  axiom lor_comm_smt:   forall x y:int [lor x y]. lor x y = lor y x
  axiom lxor_comm_smt:  forall x y:int [lxor x y]. lxor x y = lxor y x
  axiom land_assoc_smt: forall x y z:int [land x (land y z)]. land x (land y z) = land (land x y) z
  axiom lor_assoc_smt:  forall x y z:int [lor x (lor y z)]. lor x (lor y z) = lor (lor x y) z

"""
BITWISE_BEFORE = "(** * Bitwise identities *)"

PROVERS = [
    # name, alternative, name for -wp-prover, program, how it tells its version, arguments, driver
    # Ground facts by matching alone, without a search for models: most goals in no time, and where it
    # does not know it says so at once.
    ("Z3", "matching", "z3-matching", "z3", r"Z3 version (\S+)",
     "-smt2 -T:%t smt.auto_config=false smt.mbqi=false sat.random_seed=42 smt.random_seed=42 -st %f",
     "z3_471.drv"),
    ("CVC5", "", "cvc5", "cvc5", r"cvc5 version (\S+)",
     "--tlimit=%t000 --lang=smt2 --full-saturate-quant %f", None),
    # Ranges inside ranges (assigns): matching of terms distracts from the arithmetic.
    ("CVC5", "ranges", "cvc5-ranges", "cvc5", r"cvc5 version (\S+)",
     "--tlimit=%t000 --lang=smt2 --no-e-matching %f", None),
    ("Z3", "", "z3", "z3", r"Z3 version (\S+)",
     "-smt2 -T:%t sat.random_seed=42 nlsat.randomize=false smt.random_seed=42 -st %f",
     "z3_471.drv"),
]
PROVER_TEXT = """
[prover]
name = "{name}"
version = "{version}"
alternative = "{alternative}"
command = "{program} {arguments}"
command_steps = ""
driver = "{driver}"
editor = ""
in_place = false
interactive = false
[shortcut]
name = "{name}"
version = "{version}"
alternative = "{alternative}"
shortcut = "{shortcut}"
"""


def require_tools():
    missing = [p for p in ["frama-c", "why3", "gcc"] + [p[3] for p in PROVERS] if not shutil.which(p)]
    if missing:
        raise SystemExit(f"prove: FAILED: {', '.join(missing)} not found: image/setup --proof")


def set_up():
    """Writes the provers' configuration and the patched share folder of WP below build/."""
    require_tools()
    BUILD.mkdir(parents=True, exist_ok=True)
    share = tree.run(["frama-c", "-print-share-path"]).stdout.strip()
    shutil.rmtree(BUILD / "share", ignore_errors=True)
    shutil.copytree(share + "/wp", BUILD / "share")
    bits = BUILD / "share/why3/frama_c_wp/cbits.mlw"
    text = bits.read_text()
    if text.count(BITWISE_BEFORE) != 1:
        raise SystemExit("prove: FAILED: WP's cbits.mlw has changed: see BITWISE in verify/proof.py")
    bits.write_text(text.replace(BITWISE_BEFORE, BITWISE + BITWISE_BEFORE))

    drivers = tree.run(["why3", "--print-datadir"]).stdout.strip() + "/drivers"
    driver = (BUILD / "cvc5.drv").resolve()
    driver.write_text(Path("verify/cvc5.drv").read_text().replace("@DRIVERS@", drivers))
    parts = ["[main]\nmagic = 14\n"]
    for name, alternative, shortcut, program, version, arguments, own in PROVERS:
        told = tree.run([program, "--version"]).stdout
        found = re.search(version, told)
        parts.append(PROVER_TEXT.format(
            name=name, alternative=alternative, version=found[1] if found else "unknown",
            program=shutil.which(program), arguments=arguments, shortcut=shortcut,
            driver=f"{drivers}/{own}" if own else driver))
    (BUILD / "why3.conf").write_text("".join(parts))


# --- modules -------------------------------------------------------------------------------------

class Module:
    """One file of verify/proofs: lines `key value`, a deeper indented line continues the last.

    source PATH             the file that is proved; once
    timeout SECONDS         of one prover for one goal (default 30)
    option WORD             one more option of Frama-C
    property FUNCTION NAME: what it means, in plain English; must be present and proved
    trust KIND NAME: why    what is believed without proof (see verify/README.md)
    equivalent MUTANT: why  a mutant that may survive
    mutants NUMBER          how many changes are tried of it (5)
    dead FUNCTION: why      has one place that is never reached, where a smoke test therefore fails
    tests COMMAND           must fail over a mutant that leaves no goal open, since what the functions yield is
                            no claim of the proof
    unclaimed PATTERN: why  functions (or macros), or changes, of which nothing is claimed
    open REASON             not proved yet: left out of a run that names no module, and told there
    rows NUMBER             cut hv/core/calls.h into slices of so many rows (verify/rows.py)
    by_row FUNCTION...      what is proved slice by slice; all else once, without rows
    row FUNCTION NAME: what must be present and proved of each row; * stands for its name
    """

    KEYS = {"source", "timeout", "option", "property", "trust", "equivalent", "rows", "by_row", "row",
            "unclaimed", "mutants", "open", "tests", "dead"}

    def __init__(self, path):
        self.name, self.path, self.complaints = path.name, path, []
        self.source, self.timeout, self.options = None, 30, []
        self.properties, self.trusted, self.equivalent = {}, {}, {}
        self.rows, self.by_row, self.row_properties, self.selected = 0, [], {}, []
        self.unclaimed, self.mutants, self.open, self.tests, self.dead = {}, 5, "", [], {}
        self.kept = []  # rows, of a part that has some
        text = re.sub(r"\n[ \t]+", " ", path.read_text(encoding="utf-8"))
        for line in text.split("\n"):
            if line.strip() and not line.startswith("#"):
                self.read(line)
        if not self.source or not os.path.isfile(self.source):
            raise SystemExit(f"{path}: no such source: {self.source}")

    def read(self, line):
        key, _, value = line.partition(" ")
        if key not in self.KEYS:
            raise SystemExit(f"{self.path}: unknown key: {line}")
        value = value.strip()
        if key == "source":
            self.source = value
        elif key == "timeout":
            self.timeout = int(value)
        elif key == "option":
            self.options.append(value)
        elif key == "rows":
            self.rows = int(value)
        elif key == "mutants":
            self.mutants = int(value)
        elif key == "tests":
            self.tests.append(value)
        elif key == "open":
            self.open = value
        elif key == "by_row":
            self.by_row += value.split()
        else:
            what, colon, why = value.partition(": ")
            words = tuple(what.split())
            if not colon or not why.strip() or len(words) != (1 if key in ("equivalent", "unclaimed", "dead") else 2):
                raise SystemExit(f"{self.path}: `{key} ...: text` expected: {line}")
            table = {"property": self.properties, "trust": self.trusted,
                     "equivalent": self.equivalent, "row": self.row_properties, "unclaimed": self.unclaimed,
                     "dead": self.dead}[key]
            if words in table:
                raise SystemExit(f"{self.path}: twice: {line}")
            table[words] = why.strip()


    def is_unclaimed(self, name):
        return any(fnmatch.fnmatchcase(name, pattern) for pattern, in self.unclaimed)


def included_sources(path):
    """A harness of verify/ includes the source that it is about, as its last line."""
    return re.findall(r'^#include "([\w/]+\.c)"', Path(path).read_text(encoding="utf-8"), re.M)


def linked(module):
    """The source that the hypervisor is linked of: the module's own, or what its harness is about."""
    path = Path(module.source)
    while path.parts[0] not in ("hv", "xsm", "evtchn", "grants", "audit"):
        path = Path(included_sources(path)[-1])
    return str(path)


def defined_in(path):
    """Functions that a proved source defines, read from its text: definitions begin in column one."""
    found = set(re.findall(r"^[a-z][\w \*]*?[ \*](\w+)\([^;{}]*\)\s*\{", tree.code(path), re.M))
    return found.union(*map(defined_in, included_sources(path)))


def parts(module, rows):
    """What is run of a module: itself, or, where it is cut by rows, what no row matters to, and one
    part for each slice. `rows` are those of the list: {name: its line}."""
    if not module.rows:
        return [module]
    names = list(rows)
    slices = [names[i:i + module.rows] for i in range(0, len(names), module.rows)]
    return [cut_out(module, f"{module.name}-{number:02}", part, rows)
            for number, part in enumerate([[], *slices])]


def cut_out(module, name, part, rows, folder=None):
    """The module with these rows alone; without rows, its functions that no row matters to."""
    made = copy.copy(module)
    made.name, made.kept = name, part
    place = folder or BUILD / name
    place.mkdir(parents=True, exist_ok=True)
    here = " || ".join(f"(id) == CALL_{n}" for n in part) or "(id) < CALL_COUNT"
    lines = "".join(f" \\\n    {rows[n]}" for n in part)
    made.source = str(place / "slice.c")
    Path(made.source).write_text(f"""#include "hv/core/calls.h"
#undef CALLS
#define CALLS(CALL, BATCH){lines}
#define HERE(id) ({here})
#include "{module.source}"
""")
    if part:
        made.selected = module.by_row
        made.properties = {(f.replace("*", n), c.replace("*", n)): what
                           for n in part for (f, c), what in module.row_properties.items()}
    else:
        made.skipped = sorted({*module.skipped, *module.by_row})
        made.options = [*module.options, "-wp-no-init-const"]  # the table of rows is not the linked one
    return made


def modules(names):
    known = sorted(p.name for p in MODULES.iterdir())
    unknown = [n for n in names if n not in known]
    if unknown:
        raise SystemExit(f"prove: no module {', '.join(unknown)}; there are: {' '.join(known)}")
    chosen = [Module(MODULES / n) for n in (names or known)]
    # A header with a module of its own is proved there, and not again by each who includes it.
    headers = [m for m in map(Module, map(MODULES.joinpath, known)) if m.source.endswith(".h")]
    for module in chosen:
        module.skipped = sorted({f for h in headers if h.name != module.name
                                 for f in defined_in(h.source)} |
                                {name for kind, name in module.trusted if kind == "body"})
    return chosen


# --- Frama-C -------------------------------------------------------------------------------------

def compiler_flags():
    """The very flags of the hypervisor's build, less those that only write dependency files."""
    flags = tree.run(["make", "-s", "--no-print-directory", "print-hv-cflags"]).stdout.split()
    if "-ffreestanding" not in flags:
        raise SystemExit("prove: FAILED: `make print-hv-cflags` does not print the compiler's flags")
    return [f for f in flags if f not in ("-MMD", "-MP")]


def kernel(flags):
    """Parsing: gcc's own headers rather than Frama-C's, as in the build."""
    return ["frama-c", "-no-autoload-plugins", "-load-module", "wp,rtegen", "-machdep",
            "gcc_x86_64", "-c11", "-no-frama-c-stdlib", "-cpp-frama-c-compliant", "-cpp-command",
            "gcc " + " ".join(flags) + " -E -C", "-no-unicode",
            "-kernel-warn-key", "annot:missing-spec=error",
            "-kernel-warn-key", "typing:implicit-function-declaration=error"]


QUICK = "z3-matching,cvc5"


def wp(module, timeout, report, provers="cvc5,z3,cvc5-ranges,z3-matching"):
    chosen = ["-wp-fct", ",".join(module.selected)] if module.selected else []
    if module.skipped and not chosen:
        chosen = ["-wp-skip-fct", ",".join(module.skipped)]
    # All provers at once, and the first that proves it ends the others: of a slice's goals one often gives
    # up after its whole time what another proves at once. They share the processors, so they get more.
    racing = provers.count(",") + 1 if module.kept else 1
    return chosen + module.options + [
            "-wp", "-wp-rte", "-wp-share", str(BUILD / "share"), "-wp-par", str(racing),
            "-wp-timeout", str(timeout * (2 if module.kept else 1)), "-wp-prover", provers,
            "-wp-cache", "none", "-wp-check-memory-model",
            "-wp-warn-key", "pedantic-assigns=error", "-wp-report-json", str(report)]


OPEN = re.compile(r"^\[wp\] \[(?:Failed|Unknown|Timeout|Stepout)\] Goal typed_(\w+)", re.M)


def frama_c(command, log, limit, first_open=False):
    """Its output, also left in `log`. A run that takes longer than `limit` seconds is ended; with `first_open`
    also one in which a goal stays open."""
    environment = dict(os.environ, WHY3CONFIG=str((BUILD / "why3.conf").resolve()), LC_ALL="C")
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          env=environment, start_new_session=True) as process:
        ended = []

        def end():
            ended.append(f"\nended after {limit} seconds\n")
            os.killpg(process.pid, 15)

        timer = threading.Timer(limit, end)
        timer.start()
        lines = []
        for line in process.stdout:
            lines.append(line)
            if first_open and not ended and OPEN.match(line):
                ended.append("\nended at the first open goal\n")
                os.killpg(process.pid, 15)
        timer.cancel()
    output = "".join(lines + ended)
    Path(log).write_text(" ".join(command) + "\n" + output)
    return output


def proved_goals(output):
    found = re.search(r"Proved goals:\s+(\d+) / (\d+)", output)
    return (int(found[1]), int(found[2])) if found else (0, 0)


def open_goals(output):
    return OPEN.findall(output)


def read_report(path):
    """{function: {property: (proved, total)}} of WP's JSON report."""
    try:
        report = json.loads(Path(path).read_text())
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return {function: {name: (p["wp:main"].get("valid", 0), p["wp:main"]["total"])
                       for name, p in properties.items() if "wp:main" in p}
            for function, properties in report.get("wp:functions", {}).items()}


# --- normalised source ---------------------------------------------------------------------------

FUNCTION = re.compile(r"(?P<contract>/\*@(?:(?!\*/).)*\*/\n)?"
                      r"^(?P<type>[A-Za-z_][\w \t\*]*?[ \*])(?P<name>\w+)\((?P<parameters>[^;{}]*?)\)"
                      r"\s*(?:__attribute__\(\([^;{}]*?\)\))?\s*(?P<end>;|\{)", re.S | re.M)


class Source:
    """Frama-C's normalised text of one file with everything that it includes."""

    def __init__(self, text):
        # Ghost functions are functions: their prototypes would be believed as well.
        self.text = re.sub(r"/\*@ ghost\b((?:(?!\*/).)*)\*/", self.unghost, text, flags=re.S)
        self.defined, self.declared, self.bare, self.unending = set(), {}, set(), set()
        self.static = set()
        for match in FUNCTION.finditer(self.text):
            name, contract = match["name"], match["contract"] or ""
            if re.match(r"/\*@\s*(predicate|logic|axiomatic|type)\b", contract):
                contract = ""  # a definition that happens to stand before a prototype
            if re.match(r"\s*(typedef|return|else)\b", match["type"]) or name in ("if", "while"):
                continue
            if match["end"] == "{":
                self.defined.add(name)
            if re.match(r"\s*static\b", match["type"]):
                self.static.add(name)
            if contract:
                self.declared[name] = contract
            if match["end"] == "{" and not contract:
                self.bare.add(name)
            if contract and r"terminates \true" not in contract:
                self.unending.add(name)
        self.prototypes = set(self.declared) - self.defined
        self.annotations = "\n".join(re.findall(r"/\*@.*?\*/", self.text, re.S))
        self.code = tree.TOKEN.sub(lambda m: " " if m[0][0] == "/" else m[0][0] * 2, self.text)

    @staticmethod
    def unghost(match):
        text = match[1].replace("/@", "/*@").replace("@/", "*/")
        return "\n" + re.sub(r"^[ \t]+(?=\S.*\()", "", text, flags=re.M) + "\n"


def normalised(module, flags):
    target = BUILD / module.name / "normalised.c"
    target.unlink(missing_ok=True)
    output = frama_c(kernel(flags) + [module.source, "-print", "-ocode", str(target)],
                     BUILD / module.name / "normalised.log", 120)
    if not target.is_file():
        raise SystemExit(f"{module.source}: Frama-C does not read it:\n{output}")
    return Source(target.read_text())
