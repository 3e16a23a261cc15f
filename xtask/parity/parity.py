"""Turns the cases into requests to the Python handler and to each contender of ours, on one engine, and compares.

The same request must have the same answer and leave the same items behind, or be one of the repairs listed in cases.py, each of
which is checked on both sides: the handler still fails as described, and here it is answered as described.
Everything stays on the loopback.

    python xtask/parity/parity.py --engine PROGRAM --gateleg PROGRAM --bootstrap PROGRAM
"""

import re
import argparse
import json
import os
import sys
from decimal import Decimal

import contenders
from cases import ITEMS, REPAIRS, SETS, all_cases
from contenders import Answer, Bootstrap, Handler, Host

KEYS = {
    "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in ("id", "name")],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by_name",
            "KeySchema": [{"AttributeName": "name", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
}


def main():
    parser = argparse.ArgumentParser()
    for program in ("engine", "gateleg", "bootstrap"):
        parser.add_argument(f"--{program}", required=program == "engine")
    programs = parser.parse_args()

    engine, url = contenders.engine(programs.engine)
    # boto3 reads these when it is first asked for a resource.
    os.environ.update(contenders.AWS | {"AWS_ENDPOINT_URL_DYNAMODB": url})
    import boto3
    from handler import lambda_handler

    started = []
    try:
        started.append(Handler(lambda_handler))
        if programs.gateleg:
            started.append(Host(programs.gateleg, url))
        if programs.bootstrap:
            started.append(Bootstrap(programs.bootstrap, url))
        passed, failed = compare_all(Tables(boto3.client("dynamodb")), started)
    finally:
        for contender in started:
            contender.stop()
        contenders.end(engine)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


class Tables:
    """Each contender's own pair of tables, put back to the same items before every case."""

    def __init__(self, client):
        self.client = client
        self.held = {}

    def create(self, name):
        self.client.create_table(TableName=name, **KEYS)
        self.held[name] = {}

    def reset(self, name, items):
        """Only what a case changed is written again."""
        wanted = {item["id"]["S"]: item for item in items}
        held = self.held[name]
        for key in held.keys() - wanted.keys():
            self.client.delete_item(TableName=name, Key={"id": {"S": key}})
        for key, item in wanted.items():
            if held.get(key) != item:
                self.client.put_item(TableName=name, Item=item)
        self.held[name] = wanted

    def items(self, name):
        found = self.client.scan(TableName=name, ConsistentRead=True)["Items"]
        self.held[name] = {item["id"]["S"]: item for item in found}
        return sorted(json.dumps(item, sort_keys=True, default=repr) for item in found)


def compare_all(tables, started):
    handler, *ours = started
    for contender in started:
        tables.create(f"parity-{contender.name}")
        tables.create(f"parity-{contender.name}-sets")
    passed = failed = 0
    for what, holds in self_checks():
        passed, failed = (passed + 1, failed) if holds else (passed, failed + 1)
        if not holds:
            print(f"FAILED self-check: {what}")
    cases = all_cases()
    for case in cases:
        theirs, their_items = run(tables, handler, case)
        faults = [] if ours else handler_faults(case, theirs)
        for contender in ours:
            mine, my_items = run(tables, contender, case)
            faults += [f"{contender.name}: {fault}" for fault in differences(case, theirs, mine)]
            if not case.repair and my_items != their_items:
                more, less = sorted(set(my_items) - set(their_items)), sorted(set(their_items) - set(my_items))
                faults.append(f"{contender.name}: leaves {more} behind, and the handler {less}")
        if faults:
            failed += 1
            print(f"FAILED {case.name}\n    {case.request}")
            print("".join(f"    {fault}\n" for fault in faults), end="")
        else:
            passed += 1
    report(cases, ours)
    return passed, failed


def run(tables, contender, case):
    name = f"parity-{contender.name}"
    tables.reset(name, ITEMS)
    tables.reset(f"{name}-sets", SETS)
    answer = contender.ask(case.request.replace("TABLE", name))
    # Table names differ on purpose; nothing else may.
    for field in ("ok", "message"):
        text = getattr(answer, field)
        setattr(answer, field, text and text.replace(name, "TABLE"))
    # Some regions, and the engine, count the faults in front of the first; others do not.
    answer.message = answer.message and re.sub(r"^\d+ validation errors? detected: ", "", answer.message)
    return answer, tables.items(name)


def differences(case, theirs, mine):
    """Why these two answers are not what the case says they are."""
    if case.repair:
        return [*handler_faults(case, theirs), *repair_faults(case, mine)]
    if theirs.ok is not None and mine.ok is not None:
        if '"operation": "echo"' in case.request:
            equal = theirs.ok == mine.ok
        else:
            equal = normal(theirs.ok) == normal(mine.ok) and has_metadata(mine.ok)
    else:
        equal = (theirs.error, theirs.message) == (mine.error, mine.message)
    return [] if equal else [f"answered  {mine}\n    but the handler  {theirs}"]


def handler_faults(case, theirs):
    """A repair is only one as long as the handler needs it."""
    if not case.repair:
        return []
    if case.repair not in REPAIRS:
        return [f"{case.repair} is not among the repairs"]
    expected, found = case.handler, theirs.error
    if expected == found or (expected == "*" and found):
        return []
    return [f"expected the handler to answer {expected or 'with success'}, but found {theirs}"]


def repair_faults(case, mine):
    fault = [f"expected {case.here}, but found {mine}"]
    error, _, members = case.here.partition(" ")
    if error.endswith("Exception"):
        if mine.error != error or not mine.message or "requestId" not in mine.body:
            return fault
        if case.repair == "unknown" and not mine.message.startswith("Unrecognized operation "):
            return fault
        return [] if not members or holds(normal(json.dumps(mine.body)), normal(members)) else fault
    if mine.ok is None:
        return fault
    if case.repair.startswith("echo-"):
        return [] if mine.ok == case.here else fault
    return [] if holds(normal(mine.ok), normal(case.here)) else fault


def normal(text):
    """JSON with exact numbers, boto3's Decimals as numbers, and without what no two calls share."""

    def members(pairs):
        found = dict(pairs)
        if found.keys() == {"$decimal"}:
            return Decimal(found["$decimal"])
        found.pop("HTTPHeaders", None)
        found.pop("RequestId", None)
        return found

    return json.loads(text, parse_int=Decimal, parse_float=Decimal, object_pairs_hook=members)


def has_metadata(text):
    """What reached DynamoDB carries the call's id."""
    reply = json.loads(text)
    if not isinstance(reply, dict):
        return True
    metadata = reply.get("ResponseMetadata")
    return isinstance(metadata, dict) and bool(metadata.get("RequestId"))


def holds(whole, part):
    if isinstance(part, dict) and isinstance(whole, dict):
        return all(key in whole and holds(whole[key], value) for key, value in part.items())
    return whole == part


def self_checks():
    """That the comparison can fail."""
    case = next(case for case in all_cases() if case.name == "read")
    reply = '{"Item":{"id":"1","n":%s},"ResponseMetadata":{"RequestId":"r","HTTPStatusCode":200,"RetryAttempts":0}}'
    five = Answer(ok=reply % '{"$decimal":"5"}')
    yield "the same number agrees", not differences(case, five, Answer(ok=reply % "5"))
    yield "another number is noticed", differences(case, five, Answer(ok=reply % "5.0000000000000000000000000000000000001"))
    yield "text for a number is noticed", differences(case, five, Answer(ok=reply % '"5"'))
    yield "a missing member is noticed", differences(case, five, Answer(ok='{"ResponseMetadata":{"RequestId":"r","HTTPStatusCode":200,"RetryAttempts":0}}'))
    yield "a reply without its request's id is noticed", differences(case, five, Answer(ok=(reply % "5").replace('"RequestId":"r",', "")))
    yield "an error for a success is noticed", differences(case, five, Answer(error="ValidationException", message="no"))
    yield "another message is noticed", differences(case, Answer(error="A", message="a"), Answer(error="A", message="b"))
    yield "all repairs are in use", {case.repair for case in all_cases() if case.repair} == set(REPAIRS)
    yield "there are 150 requests", len(all_cases()) >= 150


def report(cases, ours):
    names = " and ".join(contender.name for contender in ours) or "the handler alone"
    print(f"{len(cases)} requests, {names}; {sum(not case.repair for case in cases)} must agree, the rest are repairs:")
    for repair, reason in REPAIRS.items():
        print(f"  {sum(case.repair == repair for case in cases):>4}  {repair}: {reason}")


if __name__ == "__main__":
    main()
