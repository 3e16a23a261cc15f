curl --url http://127.0.0.1:8080/dynamodbmanager \
  --header 'Content-Type: application/json' \
  --data-raw '{"operation": "read", "tableName": "people", "payload": {"Key": {"id": "1"}}}'
