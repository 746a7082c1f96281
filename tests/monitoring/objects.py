"""Has the schemas of Kubernetes and the models of the Prometheus operator judge objects. What they
don't know is an error.

Reads a list of YAML texts as JSON, for it takes seconds to load the models, and writes a list of
what is wrong with each; null is for nothing.
"""

import importlib
import json
import sys

import kubernetes_validate
import yaml


def judge(thing):
    """Raises an error if an object isn't as it is to be."""
    if thing["apiVersion"] == "monitoring.coreos.com/v1":
        operator = importlib.import_module("cloudcoil.models.prometheus_operator.v1")
        # The names that Python has for the fields don't count.
        getattr(operator, thing["kind"]).model_validate(
            thing, strict=True, extra="forbid", by_alias=True, by_name=False
        )
    else:
        latest = kubernetes_validate.latest_version()
        kubernetes_validate.validate(thing, latest, strict=True)


def fault(text):
    """What is wrong with the objects in a text."""
    things = list(yaml.safe_load_all(text))
    try:
        for thing in things:
            judge(thing)
    except kubernetes_validate.SchemaNotFoundError as error:
        return f"there is no schema of {error.kind} in {error.api_version}"
    except (kubernetes_validate.ValidationError, ValueError) as error:
        return str(error)
    return None if things else "there is no object"


json.dump([fault(text) for text in json.load(sys.stdin)], sys.stdout)
