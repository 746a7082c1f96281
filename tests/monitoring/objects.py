"""Validates objects with the schemas of Kubernetes and the models of the Prometheus operator.

Unknown fields are errors. Reads a JSON list of YAML texts, because loading the models takes
seconds. Writes a JSON list with the error of each text, or null.
"""

import importlib
import json
import sys

import kubernetes_validate
import yaml


def validate(obj):
    """Raises an error if an object is invalid."""
    if obj["apiVersion"] == "monitoring.coreos.com/v1":
        operator = importlib.import_module("cloudcoil.models.prometheus_operator.v1")
        # Fields are accepted by alias only, not by their Python names.
        getattr(operator, obj["kind"]).model_validate(
            obj, strict=True, extra="forbid", by_alias=True, by_name=False
        )
    else:
        latest = kubernetes_validate.latest_version()
        kubernetes_validate.validate(obj, latest, strict=True)


def fault(text):
    """Returns the first error of the objects in a text, or None."""
    objects = list(yaml.safe_load_all(text))
    try:
        for obj in objects:
            validate(obj)
    except kubernetes_validate.SchemaNotFoundError as error:
        return f"no schema for {error.kind} in {error.api_version}"
    except (kubernetes_validate.ValidationError, ValueError) as error:
        return str(error)
    return None if objects else "no object in the text"


json.dump([fault(text) for text in json.load(sys.stdin)], sys.stdout)
