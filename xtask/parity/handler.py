"""The handler that this project replaces, in its usual form: an event names an operation, and boto3's Table carries it out.

Kept as plain as such handlers are: it checks nothing, and what boto3 or DynamoDB says of a mistake is what the caller gets.
"""

import boto3

TABLE_METHODS = {
    "create": "put_item",
    "read": "get_item",
    "update": "update_item",
    "delete": "delete_item",
    "list": "scan",
}


def lambda_handler(event, context):
    operation = event["operation"]
    payload = event.get("payload")
    if "tableName" in event:
        table = boto3.resource("dynamodb").Table(event["tableName"])

    if operation == "echo":
        return payload
    if operation == "ping":
        return "pong"
    if operation in TABLE_METHODS:
        return getattr(table, TABLE_METHODS[operation])(**payload)
    raise ValueError(f'Unrecognized operation "{operation}"')
