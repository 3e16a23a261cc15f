curl --url http://127.0.0.1:8080/dynamodbmanager \
  --header 'Content-Type: application/json' \
  --data-raw '{
 "operation": "update",
 "tableName": "people",
 "payload": {
  "Key": {
   "id": "3"
  },
  "AttributeUpdates": {
   "n": {
    "Action": "ADD",
    "Value": 2
   },
   "old": {
    "Action": "DELETE"
   }
  },
  "Expected": {
   "id": {
    "ComparisonOperator": "EQ",
    "AttributeValueList": [
     "3"
    ]
   },
   "none": {
    "Exists": false
   }
  },
  "ConditionalOperator": "AND",
  "ReturnValues": "UPDATED_NEW"
 }
}'
