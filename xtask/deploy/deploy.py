"""Turns what deploys the function into a judgement: whether the template is one, says what the policy says, and Terraform says the same.

    python xtask/deploy/deploy.py --iam target/debug/examples/iam

IAM is core's example `iam`. Nothing is sent anywhere: AWS is not asked, and what only it can tell is not shown here.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import hcl
import template as sam
from jsonschema import Draft202012Validator

ROOT = Path(__file__).resolve().parent.parent.parent
DEPLOY = ROOT / "lambda/deploy"
TEMPLATE = DEPLOY / "template.yaml"
DOCUMENT = DEPLOY / "openapi-aws.json"
TERRAFORM = DEPLOY / "terraform"
GUIDE = ROOT / "docs/deploy.md"

# What SAM has in the template itself.
OWN_TO_TERRAFORM = {"bundle"}

# Whoever runs this may have an account; these checks have none, and ask for nothing.
NO_ACCOUNT = {
    "AWS_ACCESS_KEY_ID": "none",
    "AWS_SECRET_ACCESS_KEY": "none",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "AWS_EC2_METADATA_DISABLED": "true",
    "SAM_CLI_TELEMETRY": "0",
}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--iam", required=True, type=Path)
    arguments = parser.parse_args()
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(NO_ACCOUNT)

    template, document, terraform = sam.load(TEMPLATE), sam.document(DOCUMENT), hcl.load(TERRAFORM)
    tests = [
        *lints(template, document),
        *documents(template, document),
        *rights(template, terraform, arguments.iam),
        *safety(template, document),
        *same(template, terraform),
        *texts(template, document),
    ]
    passed = failed = 0
    for name, faults in tests:
        if faults:
            failed += 1
            print(f"FAILED {name}")
            print("".join(f"    {fault}\n" for fault in faults), end="")
        else:
            passed += 1
            print(f"ok {name}")
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


def differing(expected, found, what=""):
    return [] if expected == found else [f"{what} expected {expected!r}, but found {found!r}".strip()]


def lints(template, document):
    with tempfile.TemporaryDirectory() as folder:
        yield "cfn-lint has nothing to say of the template", ran("cfn-lint", TEMPLATE, home=folder)
        yield "sam validate --lint has nothing to say of it", ran("sam", "validate", "--lint", "--template", TEMPLATE, home=folder)
        whole = Path(folder, "translated.json")
        whole.write_text(json.dumps(sam.translated(template, document), indent=1))
        yield "cfn-lint has nothing to say of what SAM makes of it", ran("cfn-lint", whole, home=folder)


def ran(program, *arguments, home):
    """The program of this very environment."""
    environment = {**os.environ, "HOME": home}
    command = [Path(sys.executable).parent / program, *map(str, arguments)]
    done = subprocess.run(command, cwd=DEPLOY, env=environment, capture_output=True, text=True, timeout=300)
    return (done.stdout + done.stderr).splitlines() or ["it failed"] if done.returncode else []


def documents(template, document):
    body = sam.translated(template, document)["Resources"]["GatelegApi"]["Properties"]["Body"]
    yield "SAM leaves the document as it is", [] if body == document else ["it was changed"]

    known = {
        "Ref": {*template["Parameters"], *template["Resources"], "AWS::NoValue", "AWS::Partition", "AWS::Region"},
        "GetAtt": set(template["Resources"]),
        "If": set(template["Conditions"]),
    }
    asked = set(sam.names(document))
    faults = [f"{kind} {name}" for kind, name in sorted(asked) if name not in known[kind]]
    wanted = {("If", "KeyAuth"), ("If", "Cors"), ("Ref", "AllowOrigin"), ("GetAtt", "GatelegFunction")}
    faults += [f"{kind} {name} is not asked for" for kind, name in wanted - asked]
    yield "what the document asks of the template is there", faults

    faults = []
    for key in (True, False):
        for cors in (True, False):
            decided = sam.decided(document, {"KeyAuth": key, "Cors": cors})
            left = [name for name in sam.names(decided) if name[0] == "If" or name[1] == "AWS::NoValue"]
            faults += [f"{name} is left" for name in left]
            for path, methods in decided["paths"].items():
                scheme = [["key"], ["signature"]][not key]
                faults += differing([scheme], [list(one) for one in methods["post"]["security"]], path)
                faults += differing(cors, "options" in methods, f"{path} OPTIONS:")
                faults += differing("body", methods["post"]["x-amazon-apigateway-request-validator"], path)
            for name, answer in decided["x-amazon-apigateway-gateway-responses"].items():
                faults += differing(cors, "responseParameters" in answer, name)
    yield "whoever calls signs or has a key, and pages are let in where the template says so", faults
    yield "the paths are ours and the tutorial's", differing({"/dynamodbmanager", "/DynamoDBManager"}, set(document["paths"]))


def rights(template, terraform, iam):
    access = template["Mappings"]["Access"]
    yield "each choice of access is a row of the mapping", differing(
        set(template["Parameters"]["Access"]["AllowedValues"]), set(access)
    )
    for name, row in access.items():
        printed = subprocess.run([iam, "TABLE", row["Operations"]], capture_output=True, text=True, check=True).stdout
        least = {"table/TABLE": set(), "table/TABLE/index/*": set()}
        for statement in json.loads(printed)["Statement"]:
            for arn in statement["Resource"]:
                least[arn.split(":", 5)[5]] |= set(statement["Action"])
        faults = differing(sorted(least["table/TABLE"]), row["Actions"], "of the table:")
        faults += differing(sorted(least["table/TABLE/index/*"]), row["IndexActions"], "of its indexes:")
        yield f"the role for {name} is the least IAM policy for its operations", faults
        ours = terraform["locals"]["access"][name]
        faults = differing(row["Operations"], ours["operations"]) + differing(row["Actions"], ours["actions"])
        yield f"Terraform's for {name} is the same", faults + differing(row["IndexActions"], ours["index_actions"])

    policies = {one["PolicyName"]: one for one in template["Resources"]["FunctionRole"]["Properties"]["Policies"]}
    on_table, on_index = policies["table"]["PolicyDocument"]["Statement"]
    arn = "arn:${AWS::Partition}:dynamodb:${AWS::Region}:${AWS::AccountId}:table/${TableName}"
    chosen = lambda column: {"Fn::FindInMap": ["Access", {"Ref": "Access"}, column]}
    faults = []
    for statement, column, resource in [(on_table, "Actions", arn), (on_index, "IndexActions", f"{arn}/index/*")]:
        faults += differing({"Effect": "Allow", "Action": chosen(column), "Resource": {"Fn::Sub": resource}}, statement)
    variables = template["Resources"]["GatelegFunction"]["Properties"]["Environment"]["Variables"]
    own = sam.decided(variables, {"Bundled": False, "MakesTable": True, "HasRoute": False, "CorsByFunction": False})
    faults += differing({"Ref": "TableName"}, own["GATELEG_TABLES"]) + differing(chosen("Operations"), own["GATELEG_OPERATIONS"])
    yield "the role and the function's own policy name one table and one choice of access", faults
    bundled = sam.decided(variables, {"Bundled": True, "MakesTable": True, "HasRoute": True, "CorsByFunction": True})
    twice = {"GATELEG_TABLES", "GATELEG_OPERATIONS", "GATELEG_KEYS"} & set(bundled)
    yield "beside a bundled policy nothing is said twice", sorted(twice)

    sources = "".join(file.read_text() for file in (ROOT / "lambda/src").rglob("*.rs"))
    known = set(re.findall(r'"(GATELEG_\w+)"', sources))
    yield "the function reads every variable that it is given", [
        f"{name} is read nowhere in lambda/src" for name in sorted(set(variables) - known)
    ]

    statements = [one for policy in policies.values() for one in policy["PolicyDocument"]["Statement"]]
    wild = [one for one in statements if "*" in str(one["Action"]) or one["Resource"] == "*"]
    yield "only traces are for all resources, and no action is a wildcard", differing(
        [["xray:PutTelemetryRecords", "xray:PutTraceSegments"]], [one["Action"] for one in wild]
    )


def safety(template, document):
    resources, parameters = template["Resources"], template["Parameters"]
    of = lambda kind: {name: one for name, one in resources.items() if one["Type"] == kind}
    yield "without a choice, callers sign", differing("iam", parameters["Auth"]["Default"])
    faults = [name for name, one in of("AWS::ApiGatewayV2::Route").items() if one["Properties"]["AuthorizationType"] != "AWS_IAM"]
    faults += [name for name, one in of("AWS::Lambda::Url").items() if one["Properties"]["AuthType"] != "AWS_IAM"]
    routes = len(of("AWS::ApiGatewayV2::Route")), len(of("AWS::Lambda::Url"))
    yield "so they do at an HTTP API and at a function URL", faults + differing((2, 1), routes)
    yield "only API Gateway may invoke the function, and only for these APIs", [
        name
        for name, one in of("AWS::Lambda::Permission").items()
        if one["Properties"]["Principal"] != "apigateway.amazonaws.com" or "SourceArn" not in one["Properties"]
    ]

    table = resources["Items"]
    kept = [table.get("DeletionPolicy"), table.get("UpdateReplacePolicy")]
    faults = differing(["Retain", "Retain"], kept)
    faults += differing("PAY_PER_REQUEST", table["Properties"]["BillingMode"])
    faults += differing({"PointInTimeRecoveryEnabled": True}, table["Properties"]["PointInTimeRecoverySpecification"])
    yield "the table outlives the stack, is paid by the request and can be restored", faults
    yield "no log is kept for ever", [
        name for name, one in of("AWS::Logs::LogGroup").items() if "RetentionInDays" not in one["Properties"]
    ]
    formats = {
        "GatelegApi": resources["GatelegApi"]["Properties"]["AccessLogSetting"]["Format"],
        "HttpStage": resources["HttpStage"]["Properties"]["AccessLogSettings"]["Format"],
    }
    faults = []
    for name, text in formats.items():
        try:
            faults += differing(True, {"requestId", "status", "latency"} <= set(json.loads(text)), name)
        except ValueError as fault:
            faults.append(f"{name}: {fault}")
    yield "a line of the access log is a JSON object", faults
    seconds = resources["GatelegFunction"]["Properties"]["Timeout"]
    waits = {one["post"]["x-amazon-apigateway-integration"]["timeoutInMillis"] for one in document["paths"].values()}
    yield "the function has as long as API Gateway waits", differing(waits, {seconds * 1000})


def same(template, terraform):
    """Terraform says what the template says."""
    parameters, variables = template["Parameters"], terraform["variable"]
    snake = lambda name: re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
    ours = {snake(name): one for name, one in parameters.items()}
    yield "Terraform has the template's parameters", differing(sorted({*ours, *OWN_TO_TERRAFORM}), sorted(variables))
    faults = []
    for name, one in ours.items():
        found = variables.get(name, {})
        number = one["Type"] == "Number"
        faults += differing(one["Default"], found.get("default"), f"{name}:")
        faults += differing("number" if number else "string", found.get("type"), f"{name}:")
        if allowed := one.get("AllowedValues"):
            condition = f"${{contains([{', '.join(json.dumps(value) for value in allowed)}], var.{name})}}"
            faults += differing(condition, found["validation"][0]["condition"], f"{name}:")
    yield "with their defaults and their values", faults

    resources = terraform["resource"]
    function = template["Resources"]["GatelegFunction"]["Properties"]
    found = resources["aws_lambda_function"]["gateleg"]
    faults = []
    for ours, theirs in [
        ("Runtime", "runtime"),
        ("Handler", "handler"),
        ("Timeout", "timeout"),
        ("Description", "description"),
    ]:
        faults += differing(function[ours], found[theirs], f"{ours}:")
    for ours, theirs in [("FunctionName", "function_name"), ("MemorySize", "memory_size")]:
        faults += differing(function[ours]["Ref"], ours) + differing(f"${{var.{theirs}}}", found[theirs])
    faults += differing([{"Ref": "Architecture"}], function["Architectures"])
    faults += differing(["${var.architecture}"], found["architectures"])
    faults += differing(function["Tracing"], found["tracing_config"][0]["mode"])
    faults += differing(function["LoggingConfig"]["LogFormat"], found["logging_config"][0]["log_format"])
    yield "the function is the same", faults

    set_there = set(re.findall(r"\bGATELEG_\w+", json.dumps([found["environment"], terraform["locals"]])))
    yield "it is given the same variables", differing(set(function["Environment"]["Variables"]), set_there)

    table, found = template["Resources"]["Items"]["Properties"], resources["aws_dynamodb_table"]["items"]
    faults = differing([{"AttributeName": found["hash_key"], "KeyType": "HASH"}], table["KeySchema"])
    attributes = [{"AttributeName": one["name"], "AttributeType": one["type"]} for one in found["attribute"]]
    faults += differing(attributes, table["AttributeDefinitions"]) + differing(table["BillingMode"], found["billing_mode"])
    faults += differing([{"enabled": True}], found["point_in_time_recovery"])
    yield "the table is the same, and is not destroyed either", faults + differing([{"prevent_destroy": True}], found["lifecycle"])

    role = resources["aws_iam_role_policy"]["table"]["policy"]
    wanted = [("actions", "local.table_arn"), ("index_actions", '"${local.table_arn}/index/*"')]
    faults = [
        f"expected {column} on {resource} in {role}"
        for column, resource in wanted
        if f"Action = local.access[var.access].{column}, Resource = {resource}}}" not in role
    ]
    faults += differing(2, role.count("Effect = "), "statements:")
    yield "the role says what the table above says", faults

    ours = {name for name, one in template["Resources"].items() if one["Type"] == "AWS::CloudWatch::Alarm"}
    alarms = resources["aws_cloudwatch_metric_alarm"]
    found = {*terraform["locals"]["counts"], *(name for name in alarms if name != "count")}
    yield "the alarms are the same", differing({snake(name).removesuffix("_alarm") for name in ours}, found)
    yield "the outputs are the same", differing({snake(name) for name in template["Outputs"]}, set(terraform["output"]))
    fronts = {name: [one[key] for key in ("Namespace", "Faults", "Latency")] for name, one in template["Mappings"]["Front"].items()}
    found = {name: [one[key] for key in ("namespace", "faults", "latency")] for name, one in terraform["locals"]["front"].items()}
    yield "each front's figures have the same names", differing(fronts, found)

    # Terraform finds this text in the document and puts the origin in its place.
    origin = '{"Fn::Sub": "\'${AllowOrigin}\'"}'
    text = (TERRAFORM / "document.tf").read_text()
    faults = differing(True, json.dumps(origin).replace("${", "$${") in text, "in document.tf:")
    yield "Terraform finds where an origin goes", faults + differing(True, origin in DOCUMENT.read_text(), "in the document:")


def texts(template, document):
    """What people copy is true."""
    guide = GUIDE.read_text()
    yield "the guide names every parameter", [name for name in template["Parameters"] if f"`{name}`" not in guide]

    config = (DEPLOY / "samconfig.toml").read_text()
    overrides = re.search(r'^parameter_overrides = "(.*)"$', config, re.MULTILINE)[1].split()
    faults = []
    for name, value in (one.split("=") for one in overrides):
        allowed = template["Parameters"].get(name, {}).get("AllowedValues", [])
        faults += [] if value in allowed else [f"{name}={value}"]
    yield "samconfig.toml says what the template takes", faults or differing(True, len(overrides) > 0)

    schema = Draft202012Validator(json.loads((ROOT / "docs/request.schema.json").read_text()))
    collection = json.loads((DEPLOY / "postman.json").read_text())
    variables = {one["key"] for one in collection["variable"]}
    faults, operations = [], []
    for item in collection["item"]:
        request = json.loads(item["request"]["body"]["raw"])
        operations.append(request["operation"])
        faults += [f"{item['name']}: {error.message}" for error in schema.iter_errors(request)]
        used = set(re.findall(r"{{(\w+)}}", json.dumps(item)))
        faults += [f"{item['name']}: {name} is no variable" for name in used - variables]
    wanted = template["Mappings"]["Access"]["tutorial"]["Operations"].split(",")
    yield "the Postman collection has the tutorial's operations, and each request is one", faults + differing(
        sorted(wanted), sorted(set(operations))
    )

    event = json.loads((ROOT / "lambda/events/rest-console-test.json").read_text())
    faults = [error.message for error in schema.iter_errors(json.loads(event["body"]))]
    yield "the console's test event is a request at a path of the API", faults + differing(True, event["path"] in document["paths"])

    role = re.search(r"```json\n(.*?)```", guide, re.DOTALL)
    statements = json.loads(role[1])["Statement"]
    access = template["Mappings"]["Access"]["all"]
    found = [[one["Action"], one["Resource"].split(":", 5)[5]] for one in statements]
    table = "table/lambda-apigateway"
    yield "the role in the guide is the template's", differing(
        [[access["Actions"], table], [access["IndexActions"], f"{table}/index/*"]], found[:2]
    )


if __name__ == "__main__":
    main()
