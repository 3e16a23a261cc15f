"""Turns the SAM template into plain values, into what CloudFormation makes of it, and into what it says once it is decided."""

import copy
import json
import logging

from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

NOTHING = object()

# It tells of figures of its own that nobody collects.
logging.getLogger("samtranslator").setLevel(logging.CRITICAL)


class NoPolicies:
    """Managed policies by name, which the template does without."""

    def load(self):
        return {}


def load(path):
    return yaml_parse(path.read_text())


def translated(template, document):
    """As CloudFormation does it: what is included first, then SAM. The zip has been sent to a bucket by then."""
    template = copy.deepcopy(template)
    resources = template["Resources"]
    resources["GatelegFunction"]["Properties"]["CodeUri"] = "s3://a-bucket/bootstrap.zip"
    resources["GatelegApi"]["Properties"]["DefinitionBody"] = copy.deepcopy(document)
    return transform(template, {}, NoPolicies())


def names(tree):
    """What a tree asks of the template around it, as (kind, name)."""
    if isinstance(tree, list):
        for inner in tree:
            yield from names(inner)
    if not isinstance(tree, dict):
        return
    for name, value in tree.items():
        if name == "Ref":
            yield "Ref", value
        elif name == "Fn::If":
            yield "If", value[0]
        elif name == "Fn::GetAtt":
            yield "GetAtt", value[0] if isinstance(value, list) else value.split(".")[0]
        elif name == "Fn::Sub":
            text = value if isinstance(value, str) else value[0]
            for part in text.split("${")[1:]:
                inner = part.split("}")[0]
                yield ("GetAtt", inner.split(".")[0]) if "." in inner else ("Ref", inner)
        yield from names(value)


def decided(tree, conditions):
    """The tree with every Fn::If decided, and what is left out by AWS::NoValue left out."""
    if isinstance(tree, list):
        kept = (decided(inner, conditions) for inner in tree)
        return [inner for inner in kept if inner is not NOTHING]
    if not isinstance(tree, dict):
        return tree
    if "Fn::If" in tree:
        condition, then, otherwise = tree["Fn::If"]
        return decided(then if conditions[condition] else otherwise, conditions)
    if tree == {"Ref": "AWS::NoValue"}:
        return NOTHING
    kept = {name: decided(inner, conditions) for name, inner in tree.items()}
    return {name: inner for name, inner in kept.items() if inner is not NOTHING}


def document(path):
    return json.loads(path.read_text())
