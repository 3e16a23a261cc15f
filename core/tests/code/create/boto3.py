# pip install boto3
import boto3

client = boto3.client("dynamodb")
response = client.put_item(
    TableName="people",
    Item={
        "id": {"S": "7"},
        "name": {"S": "Zoë's \"shop\""},
        "price": {"N": "1.50"},
        "exact": {"N": "12345678901234567890123456789012345678"},
        "photo": {"B": b"\x00\xff\"\\'"},
        "open": {"BOOL": True},
        "closed": {"BOOL": False},
        "until": {"NULL": True},
        "tags": {"SS": ["a", "b"]},
        "sizes": {"NS": ["1", "2.5"]},
        "keys": {"BS": [b"a", b"\xff"]},
        "list": {"L": [
            {"N": "1"},
            {"S": "two"},
            {"L": [{"BOOL": False}]},
            {"M": {
                "deep": {"M": {
                    "deeper": {"M": {
                        "deepest": {"S": "a text that is long enough to need a line of its own"},
                    }},
                }},
            }},
        ]},
        "empty": {"M": {}},
        "none": {"L": []},
    },
    ReturnValues="ALL_OLD",
    ReturnConsumedCapacity="TOTAL",
    ConditionExpression="attribute_not_exists(#i) OR price < :p",
    ExpressionAttributeNames={"#i": "id"},
    ExpressionAttributeValues={":p": {"N": "2e3"}},
)
print(response)
