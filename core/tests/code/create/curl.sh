curl --url http://127.0.0.1:8080/dynamodbmanager \
  --header 'Content-Type: application/json' \
  --data-raw '{
  "operation": "create",
  "tableName": "people",
  "payload": {
    "Item": {
      "id": "7",
      "name": "Zoë'\''s \"shop\"",
      "price": 1.50,
      "exact": {"$n": "12345678901234567890123456789012345678"},
      "photo": {"$b": "AP8iXCc="},
      "open": true,
      "closed": false,
      "until": null,
      "tags": {"$ss": ["a", "b"]},
      "sizes": {"$ns": [1, 2.5]},
      "keys": {"$bs": ["YQ==", "/w=="]},
      "list": [1, "two", [false], {"deep": {"deeper": {"deepest": "a text that is long enough to need a line of its own"}}}],
      "empty": {},
      "none": []
    },
    "ConditionExpression": "attribute_not_exists(#i) OR price < :p",
    "ExpressionAttributeNames": {"#i": "id"},
    "ExpressionAttributeValues": {":p": 2e3},
    "ReturnValues": "ALL_OLD",
    "ReturnConsumedCapacity": "TOTAL"
  }
}'
