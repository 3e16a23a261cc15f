"""Turns the generated descriptions into a judgement: whether they are valid, agree with the corpus, and agree with a live host.

    python xtask/describe/describe.py --cases CASES.jsonl --url http://127.0.0.1:8080/

CASES is what core's example `cases` prints; the host's store is thrown away afterwards. Everything stays on the loopback.
"""

import argparse
import base64
import itertools
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from decimal import Decimal
from pathlib import Path

from jsonschema import Draft4Validator, Draft202012Validator
from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
REQUEST_SCHEMA = ROOT / "docs/request.schema.json"
OPENAPI = ROOT / "docs/openapi.json"
VECTORS = ROOT / "core/tests/vectors/accepted.jsonl"
API_GATEWAY = ROOT / "lambda/deploy/openapi-aws.json"

# Schemathesis' own checks that make sense here: a schema cannot promise that a request is accepted, and no token is asked for.
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "unsupported_method",
    "reply_of_the_operation",
]

# Each operation is explored by itself. Schemathesis' coverage phase is left out: for a request of this size it alone takes minutes,
# and keeps to no time limit.
OPTIONS = ["--phases", "examples,fuzzing", "--max-examples", "25", "--seed", "1", "--continue-on-failure", "--no-color"]
OPTIONS += ["--generation-database", "none", "--warnings", "off", "--suppress-health-check", "all"]

# Operations that must have succeeded at least once, or the run has shown nothing.
MUST_SUCCEED = {"create", "read", "delete", "list", "batchRead", "batchWrite", "echo", "ping"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", required=True)
    parser.add_argument("--url", required=True)
    arguments = parser.parse_args()

    tests = [*documents(), *corpus(arguments.cases), *refused(), vectors()]
    tests += [served(arguments.url), *explored(arguments.url)]
    passed = failed = 0
    for name, faults in tests:
        if faults:
            failed += 1
            print(f"FAILED {name}")
            print("".join(f"    {fault}\n" for fault in faults[:80]), end="")
            if len(faults) > 80:
                print(f"    and {len(faults) - 80} more")
        else:
            passed += 1
            print(f"ok {name}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def exact(text):
    """JSON with its numbers as they are written."""
    return json.loads(text, parse_float=Decimal)


def pointing(document, reference):
    """A validator for a schema that is part of a document."""
    return Draft202012Validator({**document, "$ref": reference})


def documents():
    def faults(errors):
        return [f"{'/'.join(map(str, error.absolute_path))}: {error.message}" for error in errors]

    schema = exact(REQUEST_SCHEMA.read_text())
    meta = Draft202012Validator(Draft202012Validator.META_SCHEMA)
    yield "the JSON Schema is one", faults(meta.iter_errors(schema))
    yield "the OpenAPI document is one", faults(OpenAPIV31SpecValidator(json.loads(OPENAPI.read_text())).iter_errors())
    gateway = json.loads(API_GATEWAY.read_text())
    for key, cors in itertools.product((True, False), repeat=2):
        document = decided(gateway, {"KeyAuth": key, "Cors": cors})
        name = f"the document for API Gateway is one, {'with' if key else 'without'} keys, {'with' if cors else 'without'} CORS"
        yield name, faults(OpenAPIV30SpecValidator(document).iter_errors())
    meta = Draft4Validator(Draft4Validator.META_SCHEMA)
    models = gateway["components"]["schemas"].values()
    yield "its models are JSON Schema draft 4", [fault for model in models for fault in faults(meta.iter_errors(model))]


def decided(tree, conditions):
    """The tree as CloudFormation leaves it: every Fn::If decided, and AWS::NoValue left out."""
    if isinstance(tree, list):
        return [decided(inner, conditions) for inner in tree]
    if not isinstance(tree, dict):
        return tree
    if "Fn::If" in tree:
        condition, then, otherwise = tree["Fn::If"]
        return decided(then if conditions[condition] else otherwise, conditions)
    kept = {name: decided(inner, conditions) for name, inner in tree.items()}
    return {name: inner for name, inner in kept.items() if inner != {"Ref": "AWS::NoValue"}}


def request_validators():
    openapi = exact(OPENAPI.read_text())
    return {
        "request.schema.json": Draft202012Validator(exact(REQUEST_SCHEMA.read_text())),
        "openapi.json": pointing(openapi, "#/components/schemas/Request"),
    }


def corpus(cases):
    """Every request that is accepted is valid, and every reply is one that is described."""
    validators = request_validators()
    gateway = exact(API_GATEWAY.read_text())["components"]["schemas"]["Request"]
    validators["openapi-aws.json"] = Draft4Validator(gateway)
    faults = {name: [] for name in validators}
    reply_faults = []
    replies = Replies(exact(OPENAPI.read_text()))
    accepted = 0
    for line in Path(cases).read_text().splitlines():
        case = json.loads(line)
        where = f"{case['file']}: {case['case']}"
        expectations = [step["expect"] for step in case["script"] if "expect" in step]
        first = expectations[0]
        if "send" in first or first.get("done", {}).get("status") == 200:
            accepted += 1
            request = exact(base64.b64decode(case["request"]))
            for name, validator in validators.items():
                faults[name] += [f"{where}: {fault}" for fault in reasons(validator, request)]
        else:
            request = None
        for expectation in expectations:
            if done := expectation.get("done"):
                reply_faults += [f"{where}: {fault}" for fault in replies.faults(request, done)]
    for name, found in faults.items():
        yield f"every request of the corpus that is accepted is valid for {name}", found
    yield "every reply of the corpus is described", reply_faults
    yield "the corpus has requests that are accepted", [] if accepted >= 50 else [f"{accepted} requests"]


def vectors():
    """What DynamoDB itself accepts is valid, as DynamoDB JSON."""
    calls = openapi_calls()
    validator = request_validators()["request.schema.json"]
    faults = []
    for line in VECTORS.read_text().splitlines():
        vector = exact(line)
        payload = dict(vector["input"])
        request = {"operation": calls[vector["api"]], "payload": payload, "options": {"format": "dynamodb"}}
        if "TableName" in payload:
            request["tableName"] = payload.pop("TableName")
        faults += reasons(validator, request)
    return "what DynamoDB accepts is valid", faults


def openapi_calls():
    """The operation that makes each call: a command in a plan has the call's name, a request the operation's."""
    schemas = json.loads(OPENAPI.read_text())["components"]["schemas"]
    plan = schemas["DryRunReply"]["properties"]["commands"]["items"]["properties"]
    return dict(zip(plan, schemas["Request"]["discriminator"]["mapping"]))


def reasons(validator, instance):
    error = next(validator.iter_errors(instance), None)
    return [] if error is None else [f"{deepest(error).message[:300]} ({json.dumps(instance, default=str)[:300]})"]


def deepest(error):
    """The error that says most: that of the alternative which comes furthest."""
    inner = map(deepest, error.context or [])
    return max(inner, key=lambda found: len(found.absolute_path), default=error)


class Replies:
    """What the OpenAPI document says of replies."""

    def __init__(self, openapi):
        self.openapi = openapi
        self.validators = {}

    def validator(self, reference):
        if reference not in self.validators:
            self.validators[reference] = pointing(self.openapi, reference)
        return self.validators[reference]

    def faults(self, request, done):
        body = exact(base64.b64decode(done["body"]))
        return [f"{done['status']}: {reason}" for reason in reasons(self.of(request, done["status"]), body)]

    def of(self, request, status):
        if status != 200:
            path = f"/paths/~1dynamodbmanager/post/responses/{status}/content/application~1json/schema"
            return self.validator(f"#{path}")
        operation = request["operation"]
        if request.get("options", {}).get("dryRun"):
            name = "DryRunReply"
        else:
            name = f"ReplyTo{operation[0].upper()}{operation[1:]}"
        return self.validator(f"#/components/schemas/{name}")


def refused():
    """What a schema can refuse, it does refuse. That the planner refuses it too is a test of core."""
    requests = (HERE / "refused.jsonl").read_text().splitlines()
    for name, validator in request_validators().items():
        accepted = [request for request in requests if validator.is_valid(exact(request))]
        yield f"what is to be refused is not valid for {name}", accepted


def served(url):
    with urllib.request.urlopen(f"{url}openapi.json") as answer:
        same = json.load(answer) == json.loads(OPENAPI.read_text())
    return "the host serves the document that is in the repository", [] if same else ["it serves another"]


def explored(url):
    """Schemathesis, from the document the host serves, against the host."""
    with tempfile.TemporaryDirectory() as folder:
        tally = Path(folder) / "tally.json"
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{url}openapi.json", *OPTIONS]
        command += ["--checks", ",".join(CHECKS)]
        settings = {"PYTHONPATH": str(HERE), "SCHEMATHESIS_HOOKS": "hooks", "DESCRIBE_TALLY": str(tally)}
        run = subprocess.run(
            command, cwd=folder, env={**os.environ, **settings}, capture_output=True, text=True, timeout=300
        )
        total = json.loads(tally.read_text()) if tally.exists() else {}
    faults = [] if run.returncode == 0 else [f"exit code {run.returncode}", *(run.stdout + run.stderr).splitlines()]
    yield "schemathesis finds nothing that is not described", faults
    print(", ".join(f"{name}: {count}" for name, count in sorted(total.items())))
    missing = sorted(MUST_SUCCEED - {name.split()[0] for name in total if name.endswith(" 200")})
    yield "schemathesis sent requests that succeed", [f"no {name} succeeded" for name in missing]


if __name__ == "__main__":
    main()
