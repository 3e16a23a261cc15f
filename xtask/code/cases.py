"""The requests whose code is run, beside those in core/tests/code; and the items that each finds."""

ITEMS = [
    {"id": {"S": str(n)}, "name": {"S": f"name {n}"}, "n": {"N": str(n)}, "was": {"BOOL": True}} for n in range(1, 8)
] + [
    {
        "id": {"S": "sets"},
        "tags": {"SS": ["a", "b"]},
        "sizes": {"NS": ["1", "2.5"]},
        "keys": {"BS": [b"a", b"\xff"]},
        "photo": {"B": b"\x00\xff'\"\\"},
        "deep": {"L": [{"M": {"none": {"NULL": True}, "exact": {"N": "1234567890123456789012345678901234567.5"}}}]},
    }
]


def request(operation, payload, **options):
    whole = {"operation": operation, "tableName": "people", "payload": payload}
    return whole | {"options": options} if options else whole


def keys(*ids):
    return [{"id": each} for each in ids]


CASES = {
    "read what has every type": request("read", {"Key": {"id": "sets"}, "ConsistentRead": True}),
    "read what is not there": request("read", {"Key": {"id": "nobody"}}),
    "update": request(
        "update",
        {
            "Key": {"id": "2"},
            "UpdateExpression": "SET #n = #n + :one, photo = :b REMOVE was",
            "ConditionExpression": "attribute_exists(id)",
            "ExpressionAttributeNames": {"#n": "n"},
            "ExpressionAttributeValues": {":one": 1.5, ":b": {"$b": "AP8n"}},
            "ReturnValues": "ALL_NEW",
        },
    ),
    "delete": request("delete", {"Key": {"id": "3"}, "ReturnValues": "ALL_OLD"}),
    "list one page": request("list", {"Limit": 3}),
    "list from a key": request("list", {"ExclusiveStartKey": {"id": "4"}}),
    "list all pages": request("list", {"Limit": 3}, all=True),
    "list without a consistent read": request("list", {"ConsistentRead": False}, all=True),
    "list segments": request("list", {}, segments=3),
    "query": request(
        "query",
        {
            "KeyConditionExpression": "id = :id",
            "ExpressionAttributeValues": {":id": "sets"},
            "ScanIndexForward": False,
        },
        all=True,
    ),
    "batchRead": request("batchRead", {"Keys": keys("1", "2", "sets", "nobody")}),
    "batchRead in two calls": request("batchRead", {"Keys": keys(*map(str, range(120))), "ConsistentRead": True}),
    "transactRead": request("transactRead", {"TransactItems": [{"Get": {"Key": key}} for key in keys("1", "nobody")]}),
    "an item too long for an argument": request("create", {"Item": {"id": "long", "text": "it's " * 40_000}}),
    "a condition that fails": request(
        "create", {"Item": {"id": "1"}, "ConditionExpression": "attribute_not_exists(id)"}
    ),
}
