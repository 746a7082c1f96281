"""Parses a dashboard from standard input with Grafana's models, and prints unsupported parts.

Grafana ignores what its models have no field for. Such values are missing when the model is
serialised again. Units are looked up in Grafana's list.
"""

import json
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.dashboard import Dashboard


def lost(given, kept, path="dashboard"):
    """Yields a message for each path whose value differs after the round trip."""
    if isinstance(given, dict) and isinstance(kept, dict):
        for key, value in given.items():
            # A model omits null values.
            if value is not None:
                yield from lost(value, kept.get(key), f"{path}.{key}")
    elif isinstance(given, list) and isinstance(kept, list) and len(given) == len(kept):
        for index, (value, other) in enumerate(zip(given, kept)):
            yield from lost(value, other, f"{path}[{index}]")
    elif given != kept:
        yield f"{path} is {given!r}, which Grafana reads as {kept!r}"


def unknown_units(dashboard):
    """Yields a message for each unit that Grafana does not list."""
    known = {value for value in vars(units).values() if isinstance(value, str)}
    for panel in dashboard["panels"]:
        unit = panel.get("fieldConfig", {}).get("defaults", {}).get("unit")
        if unit is not None and unit not in known:
            yield f"{panel['title']}: unknown unit {unit!r}"


register_default_plugins()
given = json.load(sys.stdin)
kept = json.loads(JSONEncoder().encode(Dashboard.from_json(given)))
faults = [*lost(given, kept), *unknown_units(given)]
print("\n".join(faults))
sys.exit(bool(faults))
