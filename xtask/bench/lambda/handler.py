"""The tutorial's handler, with its seven operations: every event has its resource made anew, for the table that it names.

`kept.py` is the same with one resource for all events.
"""

import boto3


def lambda_handler(event, context):
    operation = event["operation"]
    if "tableName" in event:
        dynamo = boto3.resource("dynamodb").Table(event["tableName"])
    operations = {
        "create": lambda given: dynamo.put_item(**given),
        "read": lambda given: dynamo.get_item(**given),
        "update": lambda given: dynamo.update_item(**given),
        "delete": lambda given: dynamo.delete_item(**given),
        "list": lambda given: dynamo.scan(**given),
        "echo": lambda given: given,
        "ping": lambda given: "pong",
    }
    if operation in operations:
        return operations[operation](event.get("payload"))
    raise ValueError(f'Unrecognized operation "{operation}"')
