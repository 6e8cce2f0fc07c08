"""The rules by which kpet loads a database and chooses tests, written down
literally: YAML by PyYAML's safe loader, expressions by re, one leaf and one
value at a time. Answers requests, one JSON value a line."""
import json
import re
import sys
import time

from schema import Described, Expression, File, Keys, List, Listable, Map, Object, Of, OneOf, Text, Wrong

QUALIFIERS = {"trees", "arches", "components", "sources"}
ANY, ALL = "any", "all"


class Values(OneOf):
    """Expressions below a qualifier."""

    def __init__(self):
        super().__init__(Of(type(None)), Expression(), List(self), Keys(free={key: self for key in ("not", "and", "or")}))


class Qualified(OneOf):
    """A pattern before a qualifier was met."""

    def __init__(self):
        values = Values()
        keys = {key: self for key in ("not", "and", "or")} | {key: values for key in QUALIFIERS}
        super().__init__(List(self), Keys(free=keys))


class Pattern:
    """What a target has to be like."""

    def __init__(self, data):
        self.data = Qualified().make(data)


class Case(Described):
    """A test."""

    def __init__(self, data):
        super().__init__(Keys(
            {"name": Text(), "max_duration_seconds": Of(int)},
            {"host_type_regex": Expression(), "hostRequires": Text(), "partitions": Text(), "kickstart": Text(),
             "sets": Listable(Expression()), "pattern": Object(Pattern), "waived": Of(bool), "role": Text(),
             "environment": Map(Text()), "maintainers": List(Text()), "universal_id": Text()}), data)
        self.pattern = self.pattern or Pattern({})


class Suite(Described):
    """Tests of one place."""

    def __init__(self, data):
        super().__init__(Keys(
            {"name": Text(), "location": Text(), "cases": List(Object(Case))},
            {"host_type_regex": Expression(), "hostRequires": Text(), "partitions": Text(), "kickstart": Text(),
             "sets": Listable(Expression()), "pattern": Object(Pattern), "origin": Text(), "maintainers": List(Text())}), data)
        self.pattern = self.pattern or Pattern({})


class HostType(Described):
    """A kind of machine."""

    def __init__(self, data):
        super().__init__(Keys(free={"ignore_panic": Of(bool), "hostRequires": Text(), "partitions": Text(), "kickstart": Text()}), data)


class Database(Described):
    """All of it, with the checks that kpet makes in the end."""

    def __init__(self, folder):
        super().__init__(File(folder, Keys(free={
            "suites": List(File(folder, Object(Suite))), "arches": List(Text()), "components": Map(Text()), "sets": Map(Text()),
            "trees": Map(Keys({"template": Text()}, {"arches": Listable(Expression())})),
            "host_types": Map(Object(HostType)), "host_type_regex": Expression(), "origins": Map(Text())})), "index.yaml")
        names = set()
        for suite in self.suites:
            for case in suite.cases:
                case.full = suite.name + " - " + case.name
                if case.full in names:
                    raise Wrong("two tests of one name")
                names.add(case.full)
                if not (case.maintainers or suite.maintainers):
                    raise Wrong("nobody maintains it")
                like = case.host_type_regex or suite.host_type_regex or self.host_type_regex
                if not any(like.fullmatch(host) for host in self.host_types):
                    raise Wrong("no host type")


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


def select(suites, target):
    """The tests of suites and cases whose patterns match or could match."""
    chosen = []
    for suite in suites:
        if matches(suite.pattern.data, target) is False:
            continue
        for case in suite.cases:
            if matches(case.pattern.data, target) is not False:
                chosen.append(case.full)
    return chosen


def main():
    suites = None
    for line in sys.stdin:
        request = json.loads(line)
        answer = {}
        if "load" in request:
            began = time.perf_counter()
            re.purge()
            suites = Database(request["load"]).suites
            answer["seconds"] = time.perf_counter() - began
        else:
            target = {key: value if isinstance(value, str) else set(value) for key, value in request["target"].items()}
            began = time.perf_counter()
            answer["chosen"] = select(suites, target)
            answer["seconds"] = time.perf_counter() - began
        print(json.dumps(answer), flush=True)


main()
