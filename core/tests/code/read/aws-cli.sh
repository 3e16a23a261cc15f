aws dynamodb get-item \
  --table-name people \
  --key '{"id": {"S": "1"}}'
