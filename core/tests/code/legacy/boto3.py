# pip install boto3
import boto3

client = boto3.client("dynamodb")
response = client.update_item(
    TableName="people",
    Key={"id": {"S": "3"}},
    AttributeUpdates={
        "n": {"Value": {"N": "2"}, "Action": "ADD"},
        "old": {"Action": "DELETE"},
    },
    Expected={
        "id": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "3"}]},
        "none": {"Exists": False},
    },
    ConditionalOperator="AND",
    ReturnValues="UPDATED_NEW",
)
print(response)
