# pip install boto3
import boto3

client = boto3.client("dynamodb")
response = client.transact_write_items(
    TransactItems=[
        {
            "Put": {
                "Item": {"id": {"S": "t1"}, "n": {"N": "1"}},
                "TableName": "people",
                "ConditionExpression": "attribute_not_exists(id)",
            },
        },
        {
            "Update": {
                "Key": {"id": {"S": "1"}},
                "UpdateExpression": "SET n = :n",
                "TableName": "people",
                "ExpressionAttributeValues": {":n": {"N": "5"}},
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
            },
        },
        {"Delete": {"Key": {"id": {"S": "2"}}, "TableName": "people"}},
        {
            "ConditionCheck": {
                "Key": {"id": {"S": "3"}},
                "TableName": "people",
                "ConditionExpression": "attribute_exists(id)",
            },
        },
    ],
    ClientRequestToken="file:///etc/hosts",
)
print(response)
