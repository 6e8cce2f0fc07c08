"""Descriptions of data, in the way in which kpet loads its database by them: data
is checked as a whole, then each part is checked again and made, and an object is
checked once more when it is there."""
import os
import re

import yaml


class Wrong(Exception):
    """Data is not as described."""


class Of:
    """An instance of a Python type. What is made of it is itself."""

    def __init__(self, python):
        self.python = python

    def check(self, data):
        if not isinstance(data, self.python):
            raise Wrong(f"{type(data).__name__} where {self.python.__name__} should be")

    def make(self, data):
        self.check(data)
        return self.build(data)

    def build(self, data):
        return data

    def made(self):
        """The description of what is made."""
        return self


class Text(Of):
    """A text that an expression fits as a whole; the usual one fits all."""

    def __init__(self):
        super().__init__(str)
        self.like = re.compile(r"(.|\n)*")

    def check(self, data):
        super().check(data)
        if not self.like.fullmatch(data):
            raise Wrong(f"{data} is not like {self.like.pattern}")


class Expression(Text):
    """A regular expression, compiled to be checked and to be made. re remembers
    the last 512."""

    def check(self, data):
        super().check(data)
        try:
            re.compile(data)
        except re.error as error:
            raise Wrong("no expression") from error

    def build(self, data):
        return re.compile(data)

    def made(self):
        return Of(re.Pattern)


class OneOf(Of):
    """The first of some descriptions that fits."""

    def __init__(self, *kinds):
        super().__init__(object)
        self.kinds = kinds

    def first(self, verb, data):
        failed = []
        for kind in self.kinds:
            try:
                return getattr(kind, verb)(data)
            except Wrong as error:
                failed.append(error)
        raise Wrong("; ".join(map(str, failed)))

    def check(self, data):
        self.first("check", data)

    def build(self, data):
        return self.first("make", data)

    def made(self):
        return OneOf(*(kind.made() for kind in self.kinds))


class List(Of):
    """A list of parts of one kind."""

    def __init__(self, part):
        super().__init__(list)
        self.part = part

    def check(self, data):
        super().check(data)
        for number, one in enumerate(data):
            try:
                self.part.check(one)
            except Wrong as error:
                raise Wrong(f"number {number} is wrong") from error

    def build(self, data):
        return [self.part.make(one) for one in data]

    def made(self):
        return List(self.part.made())


class Listable(OneOf):
    """A list, or what could be the only part of one."""

    def __init__(self, part):
        super().__init__(part, List(part))

    def build(self, data):
        try:
            self.kinds[0].check(data)
            data = [data]
        except Wrong:
            pass
        return self.kinds[1].make(data)

    def made(self):
        return self.kinds[1].made()


class Map(Of):
    """Names, each with a part of one kind."""

    def __init__(self, part):
        super().__init__(dict)
        self.name, self.part = Text(), part

    def check(self, data):
        super().check(data)
        for name, one in data.items():
            try:
                self.name.check(name)
                self.part.check(one)
            except Wrong as error:
                raise Wrong(f"{name} is wrong") from error

    def build(self, data):
        return {name: self.part.make(one) for name, one in data.items()}

    def made(self):
        return Map(self.part.made())


class Keys(Map):
    """Known keys, each with a part of its own."""

    def __init__(self, needed=None, free=None):
        super().__init__(Of(object))
        self.needed, self.free = needed or {}, free or {}

    def present(self, data):
        for key, part in self.needed.items():
            if key not in data:
                raise Wrong(f"{key} is not there")
            yield key, part
        for key, part in self.free.items():
            if key in data:
                yield key, part

    def check(self, data):
        super().check(data)
        for key, part in self.present(data):
            try:
                part.check(data[key])
            except Wrong as error:
                raise Wrong(f"{key} is wrong") from error
        for key in data:
            if key not in self.needed and key not in self.free:
                raise Wrong(f"{key} is unknown")

    def build(self, data):
        return {key: part.make(data[key]) for key, part in self.present(data)}

    def made(self):
        return Keys(*({key: part.made() for key, part in parts.items()} for parts in (self.needed, self.free)))


class File(Text):
    """The name of a YAML file below a folder, for what is in it."""

    def __init__(self, folder, content):
        super().__init__()
        self.folder, self.content = folder, content

    def build(self, data):
        with open(os.path.join(self.folder, data), encoding="utf8") as file:
            return self.content.make(yaml.safe_load(file))

    def made(self):
        return self.content.made()


class Object(Of):
    """An object of a class, made of data that the class describes itself."""

    def __init__(self, python):
        super().__init__(object)
        self.python_class = python

    def build(self, data):
        return self.python_class(data)

    def made(self):
        return Of(object)


class Described:
    """What has an attribute for each key of its description."""

    def __init__(self, description, data):
        data = description.make(data)
        description = description.made()
        description.check(data)
        for key in [*description.needed, *description.free]:
            setattr(self, key, data.get(key))
