aws dynamodb update-item \
  --table-name people \
  --key '{"id": {"S": "3"}}' \
  --attribute-updates '{"n": {"Value": {"N": "2"}, "Action": "ADD"}, "old": {"Action": "DELETE"}}' \
  --expected '{
    "id": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "3"}]},
    "none": {"Exists": false}
  }' \
  --conditional-operator AND \
  --return-values UPDATED_NEW
