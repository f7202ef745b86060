# SPDX-License-Identifier: Apache-2.0
"""What the checks in this folder share: the source tree, text without comments, parallel runs, and
the way a check ends: its complaints on stderr, then one line of verdict on stdout."""
import fnmatch
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
os.chdir(ROOT)

PURE = ["hv/core", "hv/abi", "xsm", "evtchn", "grants", "audit"]
MACHINE = ["hv/x86"]
C_FLAGS = ["-std=c11", "-I.", "-ffreestanding", "-fno-pic", "-fno-pie", "-mno-red-zone",
           "-mgeneral-regs-only"]


def folder(path):
    return os.path.dirname(path)


def files(folders, suffixes):
    """Paths below the root, sorted; a folder means itself, not what is below it."""
    return sorted(str(p) for f in folders for s in suffixes for p in Path(f).glob("*" + s))


def tracked():
    """Tracked files that exist; a name ending in / (a nested checkout) is none."""
    out = subprocess.run(["git", "ls-files", "-z"], capture_output=True, text=True, check=True)
    return [p for p in out.stdout.split("\0") if p and os.path.isfile(p)]


def matches(path, patterns):
    return any(fnmatch.fnmatchcase(path, p) for p in patterns)


TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def code(path, keep_strings=False):
    """Text of a C or assembler file without comments (and strings); lines keep their numbers."""
    def blank(match):
        text = match[0]
        if text[0] == "/":
            return " " + "\n" * text.count("\n")
        return text if keep_strings else text[0] * 2
    return TOKEN.sub(blank, Path(path).read_text(encoding="utf-8"))


def parallel(function, items):
    with ThreadPoolExecutor(os.cpu_count() or 2) as pool:
        return list(pool.map(function, items))


def run(command, text=None):
    return subprocess.run(command, input=text, capture_output=True, text=True)


def finish(name, complaints, summary):
    for complaint in sorted(set(complaints)):
        print(complaint, file=sys.stderr)
    if complaints:
        print(f"{name}: FAILED, {len(set(complaints))} to mend")
        sys.exit(1)
    print(f"{name}: ok, {summary}")
