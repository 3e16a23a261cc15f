curl --url http://127.0.0.1:8080/dynamodbmanager \
  --header 'Content-Type: application/json' \
  --data-raw '{
 "operation": "transactWrite",
 "tableName": "people",
 "payload": {
  "TransactItems": [
   {
    "Put": {
     "Item": {
      "id": "t1",
      "n": 1
     },
     "ConditionExpression": "attribute_not_exists(id)"
    }
   },
   {
    "Update": {
     "Key": {
      "id": "1"
     },
     "UpdateExpression": "SET n = :n",
     "ExpressionAttributeValues": {
      ":n": 5
     },
     "ReturnValuesOnConditionCheckFailure": "ALL_OLD"
    }
   },
   {
    "Delete": {
     "Key": {
      "id": "2"
     }
    }
   },
   {
    "ConditionCheck": {
     "Key": {
      "id": "3"
     },
     "ConditionExpression": "attribute_exists(id)"
    }
   }
  ]
 },
 "options": {
  "idempotencyKey": "file:///etc/hosts"
 }
}'
