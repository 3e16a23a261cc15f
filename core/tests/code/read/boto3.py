# pip install boto3
import boto3

client = boto3.client("dynamodb")
response = client.get_item(TableName="people", Key={"id": {"S": "1"}})
print(response)
