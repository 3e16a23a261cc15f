# pip install boto3
import boto3

client = boto3.client("dynamodb")
paginator = client.get_paginator("scan")
pages = paginator.paginate(
    TableName="people",
    Limit=2,
    FilterExpression="#n <> :nobody AND attribute_exists(id)",
    ExpressionAttributeNames={"#n": "name"},
    ExpressionAttributeValues={":nobody": {"S": "nobody"}},
    ConsistentRead=True,
    PaginationConfig={"MaxItems": 3},
)
for page in pages:
    print(page)
