"""Has Grafana's own models read a dashboard from standard input, and says what they don't know.

What a model has no field for, Grafana would ignore: it is missing in what the model writes again.
Units are looked up in Grafana's list of them.
"""

import json
import sys

from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.cog.plugins import register_default_plugins
from grafana_foundation_sdk.models import units
from grafana_foundation_sdk.models.dashboard import Dashboard


def lost(given, kept, path="dashboard"):
    """The paths of what is in one value and not in the other."""
    if isinstance(given, dict) and isinstance(kept, dict):
        for key, value in given.items():
            # A model leaves out what is null.
            if value is not None:
                yield from lost(value, kept.get(key), f"{path}.{key}")
    elif isinstance(given, list) and isinstance(kept, list) and len(given) == len(kept):
        for place, (value, other) in enumerate(zip(given, kept)):
            yield from lost(value, other, f"{path}[{place}]")
    elif given != kept:
        yield f"{path} is {given!r}, and Grafana makes {kept!r} of it"


def unknown_units(dashboard):
    """The units that Grafana has no name for."""
    known = {value for value in vars(units).values() if isinstance(value, str)}
    for panel in dashboard["panels"]:
        unit = panel.get("fieldConfig", {}).get("defaults", {}).get("unit")
        if unit is not None and unit not in known:
            yield f"{panel['title']}: there is no unit {unit!r}"


register_default_plugins()
given = json.load(sys.stdin)
kept = json.loads(JSONEncoder().encode(Dashboard.from_json(given)))
faults = [*lost(given, kept), *unknown_units(given)]
print("\n".join(faults))
sys.exit(bool(faults))
