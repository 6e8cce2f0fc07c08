"""The rules by which kpet loads a database and chooses tests, written down
literally: YAML by PyYAML's safe loader, expressions by re, one leaf and one
value at a time. Answers requests, one JSON value a line."""
import json
import os
import re
import sys
import time

import yaml

QUALIFIERS = {"trees", "arches", "components", "sources"}
SUITE = {"name", "location", "cases", "maintainers", "sets", "pattern", "origin", "host_type_regex"}
CASE = {"name", "max_duration_seconds", "universal_id", "maintainers", "sets", "pattern", "host_type_regex",
        "waived", "role", "environment"}
ANY, ALL = "any", "all"


def resolve(node, qualifier=None):
    """Check a pattern and compile its expressions."""
    if isinstance(node, dict):
        out = {}
        for key, value in node.items():
            if key in QUALIFIERS:
                if qualifier is not None:
                    raise ValueError("qualifier inside of " + qualifier)
                out[key] = resolve(value, key)
            elif key in ("and", "or", "not"):
                out[key] = resolve(value, qualifier)
            else:
                raise ValueError("unknown key " + str(key))
        return out
    if isinstance(node, list):
        return [resolve(one, qualifier) for one in node]
    if qualifier is None:
        raise ValueError("no qualifier")
    if node is None:
        return None
    if not isinstance(node, str):
        raise ValueError("no expression")
    return re.compile(node)


def fold(results, conjunction):
    """Join results; what is unknown (None) is dropped."""
    if not results:
        return conjunction
    out = None
    for one in results:
        if out is None:
            out = one
        elif one is not None:
            out = (out and one) if conjunction else (out or one)
    return out


def matches(node, target, conjunction=True, qualifier=None):
    """True, False, or None for what could be either."""
    if isinstance(node, dict):
        results = []
        for key, value in node.items():
            one = matches(value, target, key != "or", key if key in QUALIFIERS else qualifier)
            if key == "not" and one is not None:
                one = not one
            results.append(one)
        return fold(results, conjunction)
    if isinstance(node, list):
        return fold([matches(one, target, True, qualifier) for one in node], conjunction)
    values = target[qualifier]
    if values == ANY:
        return None
    if values == ALL:
        return True
    if node is None:
        return False
    for value in values:
        if node.fullmatch(value):
            return True
    return False


def text(data, key, required=False):
    value = data.get(key)
    if value is None and not required:
        return
    if not isinstance(value, str):
        raise ValueError(key + " is no text")


def load(folder):
    """Read and check a database as kpet does before it chooses anything."""
    with open(os.path.join(folder, "index.yaml"), encoding="utf8") as file:
        index = yaml.safe_load(file)
    hosts = list(index.get("host_types", {}))
    default = re.compile(index["host_type_regex"])
    names = set()
    suites = []
    for path in index["suites"]:
        with open(os.path.join(folder, path), encoding="utf8") as file:
            suite = yaml.safe_load(file)
        if set(suite) - SUITE:
            raise ValueError("unknown keys in " + path)
        text(suite, "name")
        text(suite, "location", True)
        suite["pattern"] = resolve(suite.get("pattern", {}))
        for case in suite["cases"]:
            if set(case) - CASE:
                raise ValueError("unknown keys in a case of " + path)
            text(case, "name")
            if not isinstance(case["max_duration_seconds"], int):
                raise ValueError("max_duration_seconds")
            case["pattern"] = resolve(case.get("pattern", {}))
            case["full"] = suite["name"] + " - " + case["name"]
            if case["full"] in names:
                raise ValueError("two tests of one name")
            names.add(case["full"])
            if not (case.get("maintainers") or suite.get("maintainers")):
                raise ValueError("nobody maintains it")
            regex = case.get("host_type_regex") or suite.get("host_type_regex")
            regex = re.compile(regex) if regex else default
            if not any(regex.fullmatch(host) for host in hosts):
                raise ValueError("no host type")
        suites.append(suite)
    return suites


def select(suites, target):
    """The tests of suites and cases whose patterns match or could match."""
    chosen = []
    for suite in suites:
        if matches(suite["pattern"], target) is False:
            continue
        for case in suite["cases"]:
            if matches(case["pattern"], target) is not False:
                chosen.append(case["full"])
    return chosen


def main():
    suites = None
    for line in sys.stdin:
        request = json.loads(line)
        answer = {}
        if "load" in request:
            began = time.perf_counter()
            re.purge()
            suites = load(request["load"])
            answer["seconds"] = time.perf_counter() - began
        else:
            target = {key: value if isinstance(value, str) else set(value) for key, value in request["target"].items()}
            began = time.perf_counter()
            answer["chosen"] = select(suites, target)
            answer["seconds"] = time.perf_counter() - began
        print(json.dumps(answer), flush=True)


main()
