"""The tutorial's handler as its later form has it: one resource and one table, made as the module is loaded and kept for every event.

Otherwise it is `handler.py`.
"""

import boto3

dynamo = boto3.resource("dynamodb").Table("lambda-apigateway")

OPERATIONS = {
    "create": lambda given: dynamo.put_item(**given),
    "read": lambda given: dynamo.get_item(**given),
    "update": lambda given: dynamo.update_item(**given),
    "delete": lambda given: dynamo.delete_item(**given),
    "list": lambda given: dynamo.scan(**given),
    "echo": lambda given: given,
    "ping": lambda given: "pong",
}


def lambda_handler(event, context):
    operation = event["operation"]
    if operation in OPERATIONS:
        return OPERATIONS[operation](event.get("payload"))
    raise ValueError(f'Unrecognized operation "{operation}"')
