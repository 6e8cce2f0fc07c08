"""Draws the page that bench compares as a Django site does: peer.py FOLDER TIMES.

FOLDER has data.json, page.html and badge.html. Answers with the page as it was
drawn once, and with the time of each drawing in nanoseconds, as JSON.
"""
import json
import sys
import time
from datetime import datetime

import django
from django.conf import settings
from django.template import Context, Engine, Library
from django.urls import path

folder, times = sys.argv[1], int(sys.argv[2])
settings.configure(USE_I18N=False, USE_L10N=False, USE_TZ=False, ROOT_URLCONF=__name__)
django.setup()


def page(request):
    """Never called: the addresses are only written."""


urlpatterns = [
    path("trees/<str:name>", page, name="tree"),
    path("checkouts/<str:id>", page, name="checkout"),
    path("results/<str:id>", page, name="result"),
    path("results/<str:id>/-/logs/<str:name>", page, name="log"),
]
register = Library()


@register.filter
def mark(status):
    """How a status is shown."""
    return marks[status]


@register.filter
def short(host):
    """The name of a host without its domain."""
    return host.split(".")[0]


@register.filter
def length_of_time(seconds):
    """Seconds in words."""
    return f"{seconds} s" if seconds < 60 else f"{seconds // 60} min {seconds % 60} s" if seconds % 60 else f"{seconds // 60} min"


@register.filter
def spaced(number):
    """A number with a space between thousands."""
    return f"{number:,}".replace(",", "\u202f")


@register.filter
def ago(then, now):
    """How long ago something was, in words."""
    seconds = int((now - then).total_seconds())
    if seconds < 60:
        return "just now"
    if seconds < 3600:
        return f"{seconds // 60} min ago"
    return f"{seconds // 3600} h ago" if seconds < 48 * 3600 else f"{seconds // 86400} days ago"


engine = Engine(dirs=[folder])
engine.template_libraries["bench"] = register
with open(folder + "/data.json", encoding="utf-8") as data:
    values = json.load(data)
marks = values["marks"]
values["now"] = datetime.strptime(values["now"], "%Y-%m-%dT%H:%M:%SZ")
for row in values["rows"]:
    row["started"] = datetime.strptime(row["started"], "%Y-%m-%dT%H:%M:%SZ")
template = engine.get_template("page.html")
drawn = template.render(Context(values))
took = []
for _ in range(times):
    began = time.perf_counter_ns()
    template.render(Context(values))
    took.append(time.perf_counter_ns() - began)
json.dump({"page": drawn, "times": took}, sys.stdout)
