curl --url http://127.0.0.1:8080/dynamodbmanager \
  --header 'Content-Type: application/json' \
  --data-raw '{
  "operation": "list",
  "tableName": "people",
  "payload": {
    "Limit": 2,
    "FilterExpression": "#n <> :nobody AND attribute_exists(id)",
    "ExpressionAttributeNames": {"#n": "name"},
    "ExpressionAttributeValues": {":nobody": "nobody"},
    "ConsistentRead": true
  },
  "options": {"all": true, "maxItems": 3}
}'
