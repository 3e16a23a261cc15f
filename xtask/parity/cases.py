"""The requests, as data: text with TABLE where each contender's own table goes, and what to expect where not simply the same.

A request is text, not a Python value, because the spelling of its numbers is part of it.
"""

from dataclasses import dataclass

# Where this project answers otherwise on purpose, and why. Nothing else may differ.
REPAIRS = {
    "echo-spelling": "echo keeps the text of every number; the handler's JSON rewrites 1.10 to 1.1",
    "echo-huge": "echo keeps every number; the handler's floats turn one beyond their range into Infinity, which is no JSON",
    "operation": "an operation that is missing or no string is a ValidationException; the handler's lookup fails",
    "table": "a table name that is missing, empty, no string or badly spelt is a ValidationException; the handler trips over it",
    "payload": "a payload that is missing, null or no object is {} for list and else a ValidationException; the handler's call fails",
    "table-inside": "a payload.TableName that differs is refused; in the handler it silently wins",
    "floats": "fractions and exponents are stored exactly; boto3 refuses floats",
    "tagged": "sets and binary are replied as tags; the handler's reply cannot be written as JSON",
    "old-item": "the old item of a failed condition is replied; boto3's exception loses it on the way out",
    "parameters": "a mistaken parameter is a ValidationException before any call; boto3 stops it too, under a name of its own",
    "value": "a value DynamoDB cannot hold is a ValidationException; boto3's serializer fails with an exception of its own",
    "digits": "an integer of more than 38 digits is stored if at most 38 are significant; boto3 refuses to drop its zeros",
    "enums": "a value that the operation does not take is refused before any call, in DynamoDB's words; engines have their own",
    "tag-like": "an object that looks like one of our tags is one, or is refused with the $m fix; the handler stores the map",
    "unknown": "an unknown operation is an UnknownOperationException with the same message; the handler's is a ValueError",
}


@dataclass
class Case:
    name: str
    request: str
    # The repair that applies, the exception the handler must then raise (None: it must succeed), and what is answered instead:
    # an error's type, or the JSON that a success must hold.
    repair: str | None = None
    handler: str | None = None
    here: str | None = None


def same(name, operation, payload, **more):
    return Case(name, request(operation, payload, **more))


def repaired(repair, handler, here, name, operation, payload, **more):
    return Case(name, request(operation, payload, **more), repair, handler, here)


def request(operation, payload, table='"TABLE"'):
    members = [f'"operation": {quoted(operation)}']
    if table is not None:
        members.append(f'"tableName": {table}')
    if payload is not None:
        members.append(f'"payload": {payload}')
    return "{" + ", ".join(members) + "}"


def quoted(text):
    return text if text.startswith(('"', "[", "{")) or text in ("null", "true") or text.isdigit() else f'"{text}"'


# What every table holds before a case, as DynamoDB JSON; `sets` holds what the handler cannot reply with.
ITEMS = [
    {"id": {"S": "1"}, "name": {"S": "Ada"}, "n": {"N": "5"}, "tags": {"L": [{"S": "a"}, {"S": "b"}]}},
    {"id": {"S": "2"}, "name": {"S": "Bob"}, "n": {"N": "-1.5"}, "address": {"M": {"city": {"S": "Oslo"}, "zip": {"S": "0150"}}}},
    {"id": {"S": "3"}, "name": {"S": "Cy"}, "n": {"N": "12345678901234567890123456789012345678"}, "on": {"BOOL": True}},
    {"id": {"S": "4"}, "nothing": {"NULL": True}, "empty": {"S": ""}, "list": {"L": []}, "map": {"M": {}}},
    {"id": {"S": "5"}, "name": {"S": "Zo\u00eb \U0001f600"}, "n": {"N": "0.000000001"}, "deep": {"M": {"a": {"L": [{"M": {"b": {"N": "1"}}}]}}}},
]
SETS = [
    {"id": {"S": "ss"}, "v": {"SS": ["a", "b"]}},
    {"id": {"S": "ns"}, "v": {"NS": ["1"]}},
    {"id": {"S": "bs"}, "v": {"BS": [b"a"]}},
    {"id": {"S": "b"}, "v": {"B": b"a"}},
]

# JSON texts that mean the same to boto3 and here.
VALUES = {
    "a string": '"text"',
    "an empty string": '""',
    "a string beyond ASCII": '"Zo\u00eb \u4e16\u754c \U0001f600"',
    "escapes": r'"\u0041 \n \t \" \\ \/ \ud83d\ude00"',
    "control characters": r'"\u0000\u001f\u007f"',
    "zero": "0",
    "a negative integer": "-7",
    "an integer beyond 64 bits": "123456789012345678901234567890",
    "an integer of 38 digits": "99999999999999999999999999999999999999",
    "true": "true",
    "false": "false",
    "null": "null",
    "an empty list": "[]",
    "a mixed list": '[1, "a", true, null, [2], {"b": 3}]',
    "an empty map": "{}",
    "a nested map": '{"a": {"b": {"c": [{"d": 1}]}}}',
    "a map with odd keys": '{" ": 1, "a.b": 2, "#c": 3, "$": 4, "\u00e9": 5}',
    "DynamoDB JSON as a map": '{"S": "x"}',
    "a map with two tag keys": '{"$ss": ["a"], "$n": "1"}',
}
FRACTIONS = {
    "a fraction": ("1.5", "1.5"),
    "a fraction with a final zero": ("1.50", "1.5"),
    "a fraction of 38 digits": ("1234567890123456789.0123456789012345678", "1234567890123456789.0123456789012345678"),
    "what a float cannot hold": ("0.1", "0.1"),
    "an exponent": ("1e3", "1000"),
    "a negative exponent": ("-2.5E-3", "-0.0025"),
}
ROUND = "1" + "0" * 60
UNHOLDABLE = {
    "39 digits": "123456789012345678901234567890123456789",
    "a number beyond 9.99E+125": "1" + "0" * 130,
}
TAGS = {"$ss": '["a"]', "$ns": "[1]", "$bs": '["YQ=="]', "$b": '"YQ=="', "$n": '"1.50"', "$m": '{"$n": "1"}'}
KEY = '"Key": {"id": "1"}'


def echo_and_ping():
    for name, value in VALUES.items():
        yield same(f"echo {name}", "echo", value)
        yield same(f"echo {name} in an object", "echo", f'{{"z": {value}, "a": [{value}]}}', table=None)
    yield same("echo a large round integer", "echo", ROUND)
    yield same("echo without a payload", "echo", None, table=None)
    yield same("echo null", "echo", "null", table=None)
    for text in ("1.10", "1E2", "1.0e-7", "0.10000000000000000000000001", "123456789.123456789123456789"):
        yield repaired("echo-spelling", None, text, f"echo {text}", "echo", text, table=None)
    yield repaired("echo-huge", None, "1e999", "echo 1e999", "echo", "1e999", table=None)
    for name, payload in (("nothing", None), ("null", "null"), ("an object", '{"a": 1}'), ("a number", "7"), ("a list", "[]")):
        yield same(f"ping with {name}", "ping", payload, table=None)
    yield same("ping with a table", "ping", "{}")


def envelopes():
    for operation in ("Create", "ECHO", "scan", "put_item", "drop", "", "create "):
        yield repaired("unknown", "ValueError", "UnknownOperationException", f"operation {operation!r}", f'"{operation}"', "{}")
    for operation, handler in (("7", "ValueError"), ("null", "ValueError"), ("true", "ValueError")):
        yield repaired("operation", handler, "ValidationException", f"operation {operation}", operation, "{}")
    for operation in ("[]", "{}"):
        yield repaired("operation", "TypeError", "ValidationException", f"operation {operation}", operation, "{}")
    yield Case("no operation", '{"tableName": "TABLE", "payload": {}}', "operation", "KeyError", "ValidationException")
    for operation, payload in (("create", '{"Item": {"id": "9"}}'), ("read", f"{{{KEY}}}"), ("list", "{}")):
        yield repaired("table", "UnboundLocalError", "ValidationException", f"{operation} without a table", operation, payload, table=None)
        yield repaired("table", "ParamValidationError", "ValidationException", f"{operation} with an empty table", operation, payload, table='""')
        yield repaired("table", "ValueError", "ValidationException", f"{operation} with table null", operation, payload, table="null")
        yield repaired("table", "EndpointResolutionError", "ValidationException", f"{operation} with table 7", operation, payload, table="7")
        for table in ('"a"', '"a b"', '"people!"', '"t\u00e4ble"'):
            yield repaired("table", "*", "ValidationException", f"{operation} with table {table}", operation, payload, table=table)
        yield same(f"{operation} with a table that is not there", operation, payload, table='"not-there"')
    for operation in ("create", "read", "update", "delete"):
        for payload in (None, "null", "7", '"text"', "[]", "true"):
            yield repaired("payload", "TypeError", "ValidationException", f"{operation} with payload {payload}", operation, payload)
    for payload in (None, "null"):
        yield repaired("payload", "TypeError", '{"Count": 5}', f"list with payload {payload}", "list", payload)
    for payload in ("7", "[]"):
        yield repaired("payload", "TypeError", "ValidationException", f"list with payload {payload}", "list", payload)
    yield Case("keys of the envelope that nobody knows", '{"operation": "list", "tableName": "TABLE", "payload": {}, "traceparent": 7}')
    yield same("the same table inside", "read", f'{{"TableName": "TABLE", {KEY}}}')
    yield repaired("table-inside", None, "ValidationException", "another table inside", "read", f'{{"TableName": "TABLE-sets", {KEY}}}')


def values():
    for name, value in VALUES.items():
        yield same(f"create with {name}", "create", f'{{"Item": {{"id": "9", "v": {value}}}, "ReturnValues": "ALL_OLD"}}')
        update = f'{{{KEY}, "UpdateExpression": "SET v = :v", "ExpressionAttributeValues": {{":v": {value}}}, "ReturnValues": "ALL_NEW"}}'
        yield same(f"update with {name}", "update", update)
    for name, (text, stored) in FRACTIONS.items():
        update = f'{{{KEY}, "UpdateExpression": "SET v = :v", "ExpressionAttributeValues": {{":v": {text}}}, "ReturnValues": "UPDATED_NEW"}}'
        here = f'{{"Attributes": {{"v": {stored}}}}}'
        yield repaired("floats", "TypeError", here, f"update with {name}", "update", update)
        yield repaired("floats", "TypeError", "{}", f"create with {name}", "create", f'{{"Item": {{"id": "9", "v": {text}}}}}')
    create = f'{{"Item": {{"id": "1", "v": {ROUND}}}}}'
    yield repaired("digits", "Rounded", "{}", "create with a large round integer", "create", create)
    for name, text in UNHOLDABLE.items():
        yield repaired("value", "*", "ValidationException", f"create with {name}", "create", f'{{"Item": {{"id": "9", "v": {text}}}}}')
    for tag, inner in TAGS.items():
        create = f'{{"Item": {{"id": "9", "v": {{"{tag}": {inner}}}}}}}'
        yield repaired("tag-like", None, "{}", f"create with {tag}", "create", create)
    for tag, inner in (("$ss", "[]"), ("$ns", '["x"]'), ("$b", '"?"'), ("$n", "true"), ("$m", "1")):
        create = f'{{"Item": {{"id": "9", "v": {{"{tag}": {inner}}}}}}}'
        yield repaired("tag-like", None, "ValidationException", f"create with a malformed {tag}", "create", create)
    for item in SETS:
        key = item["id"]["S"]
        tag = next(iter(item["v"])).lower()
        text = {"ss": '["a", "b"]', "ns": "[1]", "bs": '["YQ=="]', "b": '"YQ=="'}[tag]
        here = f'{{"Item": {{"id": "{key}", "v": {{"${tag}": {text}}}}}}}'
        yield repaired("tagged", "TypeError", here, f"read {tag}", "read", f'{{"Key": {{"id": "{key}"}}}}', table='"TABLE-sets"')
    yield repaired("tagged", "TypeError", '{"Count": 4}', "list sets", "list", "{}", table='"TABLE-sets"')


def creates():
    item = '"Item": {"id": "1", "name": "New"}'
    for returned in ("NONE", "ALL_OLD"):
        yield same(f"create with ReturnValues {returned}", "create", f'{{{item}, "ReturnValues": "{returned}"}}')
    for returned in ("UPDATED_OLD", "ALL_NEW", "all_old"):
        payload = f'{{{item}, "ReturnValues": "{returned}"}}'
        yield repaired("enums", "ValidationException", "ValidationException", f"create with ReturnValues {returned}", "create", payload)
    for capacity in ("NONE", "TOTAL", "INDEXES"):
        yield same(f"create with ReturnConsumedCapacity {capacity}", "create", f'{{{item}, "ReturnConsumedCapacity": "{capacity}"}}')
    for metrics in ("NONE", "SIZE"):
        yield same(f"create with ReturnItemCollectionMetrics {metrics}", "create", f'{{{item}, "ReturnItemCollectionMetrics": "{metrics}"}}')
    fresh = '"Item": {"id": "9", "name": "New"}'
    for what, text in (("an old", item), ("a new", fresh)):
        yield same(f"create {what} item if there is none", "create", f'{{{text}, "ConditionExpression": "attribute_not_exists(id)"}}')
        named = '"ConditionExpression": "#n = :n", "ExpressionAttributeNames": {"#n": "name"}, "ExpressionAttributeValues": {":n": "Ada"}'
        yield same(f"create {what} item if its name is Ada", "create", f"{{{text}, {named}}}")
        yield same(f"create {what} item if Expected", "create", f'{{{text}, "Expected": {{"name": {{"Value": "Ada"}}}}}}')
        yield same(f"create {what} item if not Exists", "create", f'{{{text}, "Expected": {{"id": {{"Exists": false}}}}}}')
        compare = '"Expected": {"n": {"ComparisonOperator": "GT", "AttributeValueList": [3]}}, "ConditionalOperator": "AND"'
        yield same(f"create {what} item if compared", "create", f"{{{text}, {compare}}}")
    keep = '"ConditionExpression": "attribute_not_exists(id)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"'
    old = '{"Item": {"id": "1", "name": "Ada", "n": 5, "tags": ["a", "b"]}}'
    yield repaired("old-item", "ConditionalCheckFailedException", f"ConditionalCheckFailedException {old}", "create that fails and wants the old item", "create", f"{{{item}, {keep}}}")
    yield same("create without its key", "create", '{"Item": {"name": "No key"}}')
    yield same("create with a key of another type", "create", '{"Item": {"id": 1}}')
    yield same("create with an empty key", "create", '{"Item": {"id": ""}}')
    for name, payload in (
        ("no parameters", "{}"),
        ("item for Item", '{"item": {"id": "9"}}'),
        ("an unknown parameter", f'{{{fresh}, "Colour": "red"}}'),
        ("a parameter of another operation", f'{{{fresh}, "Limit": 1}}'),
        ("Item as a list", '{"Item": [1]}'),
        ("Item as text", '{"Item": "x"}'),
        ("ConditionExpression as a number", f'{{{fresh}, "ConditionExpression": 7}}'),
        ("ExpressionAttributeNames as a list", f'{{{fresh}, "ExpressionAttributeNames": []}}'),
    ):
        yield repaired("parameters", "*", "ValidationException", f"create with {name}", "create", payload)


def reads():
    yield same("read", "read", f"{{{KEY}}}")
    yield same("read what is not there", "read", '{"Key": {"id": "none"}}')
    for number in ("2", "3", "4", "5"):
        yield same(f"read item {number}", "read", f'{{"Key": {{"id": "{number}"}}}}')
    for consistent in ("true", "false"):
        yield same(f"read with ConsistentRead {consistent}", "read", f'{{{KEY}, "ConsistentRead": {consistent}}}')
    for capacity in ("NONE", "TOTAL", "INDEXES"):
        yield same(f"read with ReturnConsumedCapacity {capacity}", "read", f'{{{KEY}, "ReturnConsumedCapacity": "{capacity}"}}')
    for projection in ("id", "id, n", "tags[0]", "missing", "tags[9]"):
        yield same(f"read with ProjectionExpression {projection}", "read", f'{{{KEY}, "ProjectionExpression": "{projection}"}}')
    yield same("read with names", "read", f'{{{KEY}, "ProjectionExpression": "#n", "ExpressionAttributeNames": {{"#n": "name"}}}}')
    yield same("read with AttributesToGet", "read", f'{{{KEY}, "AttributesToGet": ["name", "n"]}}')
    yield same("read with a key too many", "read", '{"Key": {"id": "1", "more": 1}}')
    yield same("read with another key", "read", '{"Key": {"name": "Ada"}}')
    yield same("read with a key of another type", "read", '{"Key": {"id": 1}}')
    for name, payload in (
        ("no parameters", "{}"),
        ("key for Key", '{"key": {"id": "1"}}'),
        ("Key as text", '{"Key": "1"}'),
        ("ConsistentRead as text", f'{{{KEY}, "ConsistentRead": "true"}}'),
        ("AttributesToGet as text", f'{{{KEY}, "AttributesToGet": "name"}}'),
        ("an empty AttributesToGet", f'{{{KEY}, "AttributesToGet": []}}'),
    ):
        yield repaired("parameters", "*", "ValidationException", f"read with {name}", "read", payload)


def updates():
    expressions = {
        "SET a = :v": '":v": 1',
        "SET n = n + :v": '":v": 1',
        "SET n = n - :v": '":v": 10',
        "SET n = if_not_exists(n, :v)": '":v": 0',
        "SET tags = list_append(tags, :v)": '":v": ["c"]',
        "SET tags[0] = :v": '":v": "z"',
        "ADD n :v": '":v": 7',
        "ADD hits :v": '":v": 1',
        "REMOVE tags": None,
        "REMOVE tags[0], n": None,
        "SET a = :v, b = :v REMOVE n": '":v": {"x": [1]}',
    }
    for expression, value in expressions.items():
        given = f', "ExpressionAttributeValues": {{{value}}}' if value else ""
        yield same(f"update {expression}", "update", f'{{{KEY}, "UpdateExpression": "{expression}"{given}, "ReturnValues": "ALL_NEW"}}')
    step = '"UpdateExpression": "SET n = :v", "ExpressionAttributeValues": {":v": 6}'
    for returned in ("NONE", "ALL_OLD", "UPDATED_OLD", "ALL_NEW", "UPDATED_NEW"):
        yield same(f"update with ReturnValues {returned}", "update", f'{{{KEY}, {step}, "ReturnValues": "{returned}"}}')
    yield same("update what is not there", "update", f'{{"Key": {{"id": "new"}}, {step}, "ReturnValues": "ALL_NEW"}}')
    yield same("update with nothing to do", "update", f'{{{KEY}, "ReturnValues": "ALL_NEW"}}')
    yield same("update with a condition that holds", "update", f'{{{KEY}, {step}, "ConditionExpression": "n < :v"}}')
    yield same("update with a condition that fails", "update", f'{{{KEY}, {step}, "ConditionExpression": "n > :v"}}')
    for action, value in (("PUT", "9"), ("ADD", "3"), ("DELETE", None)):
        given = f'"Value": {value}, ' if value else ""
        yield same(f"update with AttributeUpdates {action}", "update", f'{{{KEY}, "AttributeUpdates": {{"n": {{{given}"Action": "{action}"}}}}, "ReturnValues": "ALL_NEW"}}')
    yield same("update of a key", "update", f'{{{KEY}, "UpdateExpression": "SET id = :v", "ExpressionAttributeValues": {{":v": "2"}}}}')
    keep = '"ConditionExpression": "n > :v", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"'
    yield repaired("old-item", "ConditionalCheckFailedException", 'ConditionalCheckFailedException {"Item": {"id": "1", "name": "Ada", "n": 5, "tags": ["a", "b"]}}', "update that fails and wants the old item", "update", f"{{{KEY}, {step}, {keep}}}")
    for name, payload in (
        ("no key", f"{{{step}}}"),
        ("a slip in a name", f'{{{KEY}, "UpdateExpresion": "SET n = :v"}}'),
        ("ExpressionAttributeValues as a list", f'{{{KEY}, "UpdateExpression": "SET n = :v", "ExpressionAttributeValues": [6]}}'),
        ("AttributeUpdates as text", f'{{{KEY}, "AttributeUpdates": "n"}}'),
    ):
        yield repaired("parameters", "*", "ValidationException", f"update with {name}", "update", payload)


def deletes():
    yield same("delete", "delete", f"{{{KEY}}}")
    yield same("delete what is not there", "delete", '{"Key": {"id": "none"}}')
    for returned in ("NONE", "ALL_OLD"):
        yield same(f"delete with ReturnValues {returned}", "delete", f'{{{KEY}, "ReturnValues": "{returned}"}}')
    yield same("delete with ReturnConsumedCapacity", "delete", f'{{{KEY}, "ReturnConsumedCapacity": "TOTAL"}}')
    yield same("delete with ReturnItemCollectionMetrics", "delete", f'{{{KEY}, "ReturnItemCollectionMetrics": "SIZE"}}')
    for name in ("Ada", "Bob"):
        values_given = f'"ExpressionAttributeNames": {{"#n": "name"}}, "ExpressionAttributeValues": {{":n": "{name}"}}'
        yield same(f"delete if its name is {name}", "delete", f'{{{KEY}, "ConditionExpression": "#n = :n", {values_given}}}')
        yield same(f"delete if Expected {name}", "delete", f'{{{KEY}, "Expected": {{"name": {{"Value": "{name}"}}}}}}')
    keep = '"ConditionExpression": "attribute_exists(gone)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"'
    yield repaired("old-item", "ConditionalCheckFailedException", 'ConditionalCheckFailedException {"Item": {"id": "1", "name": "Ada", "n": 5, "tags": ["a", "b"]}}', "delete that fails and wants the old item", "delete", f"{{{KEY}, {keep}}}")
    for name, payload in (
        ("no parameters", "{}"),
        ("Item for Key", '{"Item": {"id": "1"}}'),
        ("an update's parameter", f'{{{KEY}, "UpdateExpression": "REMOVE n"}}'),
    ):
        yield repaired("parameters", "*", "ValidationException", f"delete with {name}", "delete", payload)


def lists():
    yield same("list", "list", "{}")
    for limit in (1, 2, 5, 100):
        yield same(f"list with Limit {limit}", "list", f'{{"Limit": {limit}}}')
    yield same("list from a key on", "list", '{"ExclusiveStartKey": {"id": "2"}, "Limit": 2}')
    yield same("list with Select COUNT", "list", '{"Select": "COUNT"}')
    yield same("list with a projection", "list", '{"ProjectionExpression": "id, n"}')
    yield same("list with AttributesToGet", "list", '{"AttributesToGet": ["id"]}')
    for capacity in ("TOTAL", "INDEXES"):
        yield same(f"list with ReturnConsumedCapacity {capacity}", "list", f'{{"ReturnConsumedCapacity": "{capacity}"}}')
    yield same("list with ConsistentRead", "list", '{"ConsistentRead": true}')
    filters = {
        "n > :v": "0",
        "n = :v": "12345678901234567890123456789012345678",
        "contains(tags, :v)": '"a"',
        "begins_with(id, :v)": '"1"',
        "attribute_type(n, :v)": '"N"',
        "NOT id IN (:v)": '"1"',
        "address.city = :v": '"Oslo"',
        "size(tags) >= :v": "2",
    }
    for expression, value in filters.items():
        yield same(f"list where {expression}", "list", f'{{"FilterExpression": "{expression}", "ExpressionAttributeValues": {{":v": {value}}}}}')
    yield same("list where legacy", "list", '{"ScanFilter": {"n": {"ComparisonOperator": "GE", "AttributeValueList": [5]}}}')
    two = '"ScanFilter": {"n": {"ComparisonOperator": "NOT_NULL"}, "on": {"ComparisonOperator": "EQ", "AttributeValueList": [true]}}'
    for operator in ("AND", "OR"):
        yield same(f"list where legacy {operator}", "list", f'{{{two}, "ConditionalOperator": "{operator}"}}')
    for segment in (0, 1):
        yield same(f"list segment {segment} of 2", "list", f'{{"Segment": {segment}, "TotalSegments": 2}}')
    yield same("list by index", "list", '{"IndexName": "by_name"}')
    yield same("list by an index that is not there", "list", '{"IndexName": "by_nothing"}')
    for name, payload in (
        ("Limit 0", '{"Limit": 0}'),
        ("a negative Limit", '{"Limit": -1}'),
        ("Limit as text", '{"Limit": "5"}'),
        ("a fraction as Limit", '{"Limit": 1.5}'),
        ("limit for Limit", '{"limit": 5}'),
        ("a key condition", '{"KeyConditionExpression": "id = :v"}'),
        ("a negative Segment", '{"Segment": -1, "TotalSegments": 2}'),
        ("FilterExpression as a list", '{"FilterExpression": []}'),
        ("ScanIndexForward", '{"ScanIndexForward": false}'),
    ):
        yield repaired("parameters", "*", "ValidationException", f"list with {name}", "list", payload)


def all_cases():
    parts = (echo_and_ping, envelopes, values, creates, reads, updates, deletes, lists)
    return [case for part in parts for case in part()]
