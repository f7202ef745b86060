# SPDX-License-Identifier: Apache-2.0
"""The list of calls as the proofs see it: a slice of its rows at a time, and whether the text of a
slice is the text that the compiler reads, less the arms of the other rows."""
import re
from pathlib import Path
import tree

LIST = "hv/core/calls.h"


def rows(text=None):
    """{name: its line} of the list, or of another text of it."""
    text = text or Path(LIST).read_text(encoding="utf-8")
    return {m[1]: m[0].strip() for m in
            re.finditer(r"^    (?:CALL|BATCH)\((\w+), .*?\)(?= \\$|$)", text, re.M)}


def member(line):
    """The arguments column."""
    return line.split(", ")[4]


def tokens(flags, path):
    """{file: its tokens} of a source and all that it includes, macros replaced."""
    output = tree.run(["gcc", *flags, "-E", path]).stdout
    found, name = {}, path
    for line in output.split("\n"):
        marker = re.match(r'# \d+ "([^"]*)"', line)
        if marker:
            name = marker[1].removeprefix("./")
        else:
            found.setdefault(name, []).extend(re.findall(r'"(?:\\.|[^"\\])*"|\w+|\S', line))
    return found


def closing(words, at):
    """Index of the bracket that closes the one at `at`."""
    depth = 0
    for index in range(at, len(words)):
        depth += {"{": 1, "}": -1}.get(words[index], 0)
        if depth == 0:
            return index
    raise SystemExit("rows: a bracket is never closed")


def split(words, opener):
    """The words in groups, each begun by `opener` outside brackets; the first has none."""
    groups, depth = [[]], 0
    for word in words:
        depth += {"{": 1, "[": 1, "}": -1, "]": -1}.get(word, 0)
        if depth == (1 if opener == "[" else 0) and word == opener:
            groups.append([])
        groups[-1].append(word)
    return groups


def leaves(arm):
    """An arm of a switch is plain statements of which the last is break or return: it never falls
    into the next."""
    statements = " ".join(arm[3:]).split(";")
    return "{" not in arm and statements[-1] == "" and \
        statements[-2].split()[0] in ("break", "return")


def without(words, kept, complaints, path):
    """The words less what belongs to rows that are not kept: arms of each switch over calls, items of
    tables by row, room for elements of a batch, prototypes of steps and demands. A switch goes to the arm of its value and an item is the
    value of its own index, so for the rows that are kept nothing else changes."""
    calls = {f"CALL_{name}" for name in rows()}
    dropped = calls - {f"CALL_{name}" for name in kept}
    members = {member(line) for name, line in rows().items() if f"CALL_{name}" in dropped}
    out, index = [], 0
    while index < len(words):
        here = words[index:index + 7]
        if here[:2] == ["switch", "("] and words[closing_round(words, index + 1) + 1] == "{":
            start = closing_round(words, index + 1) + 1
            end = closing(words, start)
            groups = split(words[start + 1:end], "case")
            if any(g[1] in calls for g in groups[1:]):
                if groups[0] or {g[1] for g in groups[1:]} != calls | {"CALL_UNKNOWN"}:
                    complaints.append(f"{path}: a switch over calls that does not name each row")
                complaints += [f"{path}: the arm of {g[1]} may fall into the next"
                               for g in groups[1:] if not leaves(g)]
                out += words[index:start + 1]
                out += [w for g in groups[1:] if g[1] not in dropped for w in g] + ["}"]
                index = end + 1
                continue
        if here[0] in ("rows", "elements_of") and here[1:6] == ["[", "CALL_COUNT", "]", "=", "{"]:
            end = closing(words, index + 5)
            items = split(words[index + 6:end], "[")[1:]
            out += here[:6] + [w for i in items if i[1] not in dropped for w in i] + ["}"]
            index = end + 1
            continue
        if len(here) > 3 and here[0] == "struct" and here[2] in members and \
                here[1] == f"arg_{here[2]}" and here[3] == "[":
            index = words.index(";", index) + 1
            continue
        name = here[here.index("(") - 1] if "(" in here[2:4] else ""
        if here[:2] == ["enum", "reason"] and name.replace("step_", "CALL_") in dropped or \
                here[0] == "void" and name.replace("demands_", "CALL_") in dropped:
            index = words.index(";", index) + 1
            continue
        out.append(words[index])
        index += 1
    return out


def closing_round(words, at):
    depth = 0
    for index in range(at, len(words)):
        depth += {"(": 1, ")": -1}.get(words[index], 0)
        if depth == 0:
            return index
    raise SystemExit("rows: a bracket is never closed")


def compare(flags, linked, part, kept):
    """Complaints where the text of this part is not the linked one less the rows that are not kept."""
    complaints = []
    slice_ = tokens(flags, part)
    for path, words in tokens(flags, linked).items():
        if path.startswith(("/", "<")) or not words:
            continue
        if without(words, kept, complaints, path) != slice_.get(path):
            complaints.append(f"{path}: {part} has another text of it than the compiler reads")
    return complaints
