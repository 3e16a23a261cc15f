"""Turns each case into code as curl, AWS CLI and boto3, runs it on an engine, and compares with what gateleg itself does. The Rust
of the golden requests is a program that was built before.

The same items must be left behind, and the same be answered. Everything stays on the loopback.

    python xtask/code/code.py --engine PROGRAM --gateleg PROGRAM --rust PROGRAM
"""

import argparse
import ast
import base64
import json
import os
import subprocess
import sys
import tempfile
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "xtask/parity"))

import contenders  # noqa: E402
from cases import CASES, ITEMS  # noqa: E402

# What the idempotency key in core/tests/code says: the AWS CLI would read the file.
TOKEN = "file:///etc/hosts"
TARGETS = {"curl": "sh", "aws-cli": "sh", "boto3": "py"}


def main():
    parser = argparse.ArgumentParser()
    for program in ("engine", "gateleg", "rust"):
        parser.add_argument(f"--{program}", required=True)
    programs = parser.parse_args()

    engine, url = contenders.engine(programs.engine)
    host = None
    try:
        host = contenders.Host(programs.gateleg, url)
        bench = Bench(programs, url, host)
        failures = [failure for name, request in golden() for failure in bench.compare(name, request, rust=True)]
        for name, request in CASES.items():
            failures += bench.compare(name, json.dumps(request))
        failures += bench.carries_its_argument()
    finally:
        if host:
            host.stop()
        contenders.end(engine)
    print("\n".join(failures))
    print(f"{bench.checks - len(failures)} passed, {len(failures)} failed")
    sys.exit(1 if failures else 0)


def golden():
    folders = sorted((ROOT / "core/tests/code").iterdir())
    assert folders, "expected cases in core/tests/code, but found none"
    return [(folder.name, (folder / "request.json").read_text()) for folder in folders]


class Bench:
    """One table, put back to the same items before each run."""

    def __init__(self, programs, engine, host):
        import boto3

        self.checks = 0
        self.tokens = 0
        self.programs = programs
        self.host = host
        self.environment = contenders.environment_with({"AWS_ENDPOINT_URL_DYNAMODB": engine, "PYTHONUTF8": "1"})
        # The AWS CLI is beside the Python that runs this.
        self.environment["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{self.environment['PATH']}"
        version = subprocess.run(["aws", "--version"], env=self.environment, capture_output=True, text=True, check=True)
        self.is_version_1 = version.stdout.startswith("aws-cli/1.")
        os.environ.update(contenders.AWS)
        self.client = boto3.client("dynamodb", endpoint_url=engine)
        self.client.create_table(
            TableName="people",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )

    def compare(self, name, request, rust=False):
        self.reset()
        answer = self.host.ask(request.replace(TOKEN, self.token()))
        expected = (answer.ok is not None, answered([read(answer.ok)] if answer.ok else []), self.left())
        for target, extension in TARGETS.items():
            self.checks += 1
            self.reset()
            code = self.code(request.replace(TOKEN, self.token()), target)
            ran = self.run(code, extension)
            if target == "aws-cli" and b"--cli-binary-format" in code and self.is_version_1:
                # Version 2 is not on PyPI. Version 1 would store the base64 text, so it has to refuse.
                if ran.returncode == 0 or self.left() != in_order(plain({"M": item}) for item in ITEMS):
                    yield f"FAILED {name} as {target}: expected version 1 to refuse it, but it ran"
                continue
            try:
                found = (succeeded(target, ran), answered(documents(target, ran)), self.left())
            except (ValueError, SyntaxError) as error:
                found = error
            if found != expected:
                yield f"FAILED {name} as {target}:\n  expected {expected}\n  found    {found}\n{ran.stderr[-2000:]}"
            elif not expected[2]:
                yield f"FAILED {name}: no items are left, so nothing was compared"
        if rust:
            self.checks += 1
            self.reset()
            ran = subprocess.run([self.programs.rust, name], env=self.environment, capture_output=True, text=True)
            if (ran.returncode == 0, self.left()) != (expected[0], expected[2]):
                yield f"FAILED {name} as rust:\n  expected {expected}\n  found    {self.left()}\n{ran.stderr[-2000:]}"

    def token(self):
        """A transaction with the token of another is not carried out again."""
        self.tokens += 1
        return f"{TOKEN}{self.tokens}"

    def carries_its_argument(self):
        """The shell hands curl the request as it is, whatever is in it."""
        self.checks += 1
        request = (ROOT / "core/tests/code/hostile/request.json").read_text()
        with tempfile.TemporaryDirectory() as folder:
            stand_in = Path(folder) / "curl"
            stand_in.write_text("#!/bin/sh\nfor last; do :; done\nprintf %s \"$last\"\n")
            stand_in.chmod(0o755)
            path = f"{folder}{os.pathsep}{self.environment['PATH']}"
            ran = self.run(self.code(request, "curl"), "sh", {"PATH": path})
        return [] if ran.stdout == request.strip() else [f"FAILED the argument of curl: {ran.stdout!r}"]

    def code(self, request, target):
        command = [self.programs.gateleg, "plan", "--as", target]
        if target == "curl":
            command += ["--endpoint", f"http://127.0.0.1:{self.host.port}/dynamodbmanager"]
        return subprocess.run(command, input=request.encode(), stdout=subprocess.PIPE, check=True).stdout

    def run(self, code, extension, extra=None):
        program = sys.executable if extension == "py" else "sh"
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / f"code.{extension}"
            file.write_bytes(code)
            environment = self.environment | (extra or {})
            ran = subprocess.run([program, file], cwd=folder, env=environment, capture_output=True, encoding="utf-8")
            others = sorted(path.name for path in Path(folder).iterdir() if path != file)
        # A request that gets a command executed would leave a file here.
        assert not others, f"the code made files: {others}"
        return ran

    def reset(self):
        for item in self.scan():
            self.client.delete_item(TableName="people", Key={"id": item["id"]})
        for item in ITEMS:
            self.client.put_item(TableName="people", Item=item)

    def scan(self):
        pages = self.client.get_paginator("scan").paginate(TableName="people")
        return [item for page in pages for item in page["Items"]]

    def left(self):
        return in_order(plain({"M": item}) for item in self.scan())


def succeeded(target, ran):
    if target == "curl":
        # curl itself succeeds whatever the server says.
        return ran.returncode == 0 and "__type" not in json.loads(ran.stdout)
    return ran.returncode == 0


def documents(target, ran):
    """What the code printed: replies of gateleg as they are, and those of the SDKs with their values in plain JSON."""
    if target == "boto3":
        return [wire(ast.literal_eval(line)) for line in ran.stdout.splitlines()]
    found, rest, decoder = [], ran.stdout.strip(), json.JSONDecoder(parse_float=Decimal, parse_int=Decimal)
    while rest:
        document, end = decoder.raw_decode(rest)
        if target == "curl":
            found += [] if "__type" in document else [tagged(document)]
        else:
            found.append(wire(document))
        rest = rest[end:].strip()
    return found


def read(text):
    return tagged(json.loads(text, parse_float=Decimal, parse_int=Decimal))


def tagged(value):
    """Plain JSON with its numbers and sets in one form."""
    match value:
        case {"$n": number}:
            return Decimal(number)
        case {"$ns": numbers}:
            return {"$ns": sorted(map(Decimal, numbers))}
        case {"$ss": texts} | {"$bs": texts}:
            return {next(iter(value)): sorted(texts)}
        case dict():
            return {name: tagged(inner) for name, inner in value.items()}
        case list():
            return [tagged(inner) for inner in value]
        case _:
            return value


def wire(output):
    """An answer of DynamoDB's with its items in plain JSON."""
    items = lambda found: [plain({"M": item}) for item in found]
    out = {}
    for name, value in output.items():
        match name:
            case "Item" | "Attributes":
                out[name] = plain({"M": value})
            case "Items":
                out[name] = items(value)
            case "Responses" if isinstance(value, dict):
                out[name] = {table: items(found) for table, found in value.items()}
            case "Responses":
                out[name] = [{"Item": plain({"M": each["Item"]})} if each.get("Item") else {} for each in value]
    return out


def plain(value):
    [(kind, inner)] = value.items()
    text = lambda data: base64.b64encode(data).decode() if isinstance(data, bytes) else data
    match kind:
        case "N":
            return Decimal(inner)
        case "B":
            return {"$b": text(inner)}
        case "NULL":
            return None
        case "NS":
            return {"$ns": sorted(map(Decimal, inner))}
        case "SS" | "BS":
            return {f"${kind.lower()}": sorted(map(text, inner))}
        case "L":
            return [plain(each) for each in inner]
        case "M":
            return {name: plain(each) for name, each in inner.items()}
        case _:
            return inner


def answered(replies):
    """Every item that the replies hold."""
    found = []
    for reply in replies:
        found += [reply[name] for name in ("Item", "Attributes") if reply.get(name)]
        found += reply.get("Items", [])
        responses = reply.get("Responses", [])
        tables = responses.values() if isinstance(responses, dict) else [[each.get("Item", {}) for each in responses]]
        found += [item for items in tables for item in items]
    return in_order(found)


def in_order(items):
    return sorted(items, key=lambda item: json.dumps(item, default=str, sort_keys=True))


if __name__ == "__main__":
    main()
