"""Turns schemathesis' random requests into ones that reach an item, and holds each reply to the schema of its operation.

Loaded by schemathesis (SCHEMATHESIS_HOOKS); writes how often each operation was answered with which status to DESCRIBE_TALLY.
"""

import atexit
import collections
import json
import os
import random

import schemathesis
from describe import OPENAPI, Replies, exact, request_validators

# The table and the key that every host starts with.
TABLE, KEY = "lambda-apigateway", "id"

REQUEST = request_validators()["openapi.json"]
REPLIES = Replies(exact(OPENAPI.read_text()))
TALLY = collections.Counter()
KEYS = random.Random(1)


@schemathesis.hook
def before_load_schema(context, openapi):
    """Beside the path there is, one for each operation: at random, the first of the operations would be taken most of the time.

    The host knows the API behind the name of a stage, whatever the name."""
    paths = openapi["paths"]
    post = paths["/dynamodbmanager"]["post"]
    schemas = openapi["components"]["schemas"]["Request"]["discriminator"]["mapping"]
    for operation, reference in schemas.items():
        content = {"application/json": {"schema": {"$ref": reference}}}
        one = {**post, "operationId": operation, "requestBody": {"required": True, "content": content}}
        paths[f"/{operation}/dynamodbmanager"] = {"post": one}


@schemathesis.hook
def map_body(context, body):
    """A valid request is sent to the table there is, with keys that fit; what is not valid is left as it is."""
    if not isinstance(body, dict) or not isinstance(body.get("payload"), dict) or not REQUEST.is_valid(body):
        return body
    if body["operation"] == "echo":
        return body
    if "tableName" in body:
        body["tableName"] = TABLE
    typed = body.get("options", {}).get("format") == "dynamodb"
    fit(body["payload"], lambda value: {KEY: {"S": str(value)} if typed else str(value)})
    return body


def fit(parameters, key):
    """The tables and keys in the parameters of a call, or of a part of one."""
    if "TableName" in parameters:
        parameters["TableName"] = TABLE
    for name in ("Key", "ExclusiveStartKey"):
        if parameters.get(name) is not None:
            parameters[name] = key(KEYS.randrange(3))
    if isinstance(parameters.get("Item"), dict):
        parameters["Item"].update(key(KEYS.randrange(3)))
    # No key may come twice in one call.
    for name in ("Keys", "Delete"):
        if isinstance(parameters.get(name), list):
            parameters[name] = [key(4)]
    if isinstance(parameters.get("Put"), list):
        parameters["Put"] = [{**parameters["Put"][0], **key(5)}]
    if isinstance(parameters.get("RequestItems"), dict):
        part = next(iter(parameters["RequestItems"].values()))
        parameters["RequestItems"] = {TABLE: part[:1] if isinstance(part, list) else part}
        for inner in part if isinstance(part, list) else [{"all": part}]:
            fit_inside(inner, key)
    if isinstance(parameters.get("TransactItems"), list):
        parameters["TransactItems"] = parameters["TransactItems"][:1]
        for inner in parameters["TransactItems"]:
            fit_inside(inner, key)
            for action in inner.values():
                if isinstance(action, dict):
                    action["TableName"] = TABLE


def fit_inside(part, key):
    for inner in part.values():
        if isinstance(inner, dict):
            fit(inner, key)


@schemathesis.check
def reply_of_the_operation(ctx, response, case):
    """OpenAPI can only say that a reply is one of all there are."""
    if not case.path.endswith("/dynamodbmanager"):
        return
    request = case.body if isinstance(case.body, dict) else {}
    operation = request.get("operation")
    known = isinstance(operation, str) and operation.isalpha() and operation.isascii()
    TALLY[f"{operation if known else 'other'} {response.status_code}"] += 1
    if response.status_code != 200:
        return
    error = next(REPLIES.of(request, 200).iter_errors(exact(response.content)), None)
    assert error is None, f"the reply to {operation} is not as described: {error.message}"


@atexit.register
def leave():
    if path := os.environ.get("DESCRIBE_TALLY"):
        with open(path, "w") as file:
            json.dump(TALLY, file)
