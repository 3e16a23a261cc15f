# pip install boto3
import time

import boto3

client = boto3.client("dynamodb")
requests = [
    {
        "RequestItems": {
            "people": [
                {"PutRequest": {"Item": {"id": {"S": "b0"}, "n": {"N": "0"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b1"}, "n": {"N": "1"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b2"}, "n": {"N": "2"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b3"}, "n": {"N": "3"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b4"}, "n": {"N": "4"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b5"}, "n": {"N": "5"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b6"}, "n": {"N": "6"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b7"}, "n": {"N": "7"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b8"}, "n": {"N": "8"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b9"}, "n": {"N": "9"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b10"}, "n": {"N": "10"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b11"}, "n": {"N": "11"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b12"}, "n": {"N": "12"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b13"}, "n": {"N": "13"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b14"}, "n": {"N": "14"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b15"}, "n": {"N": "15"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b16"}, "n": {"N": "16"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b17"}, "n": {"N": "17"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b18"}, "n": {"N": "18"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b19"}, "n": {"N": "19"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b20"}, "n": {"N": "20"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b21"}, "n": {"N": "21"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b22"}, "n": {"N": "22"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b23"}, "n": {"N": "23"}}}},
                {"PutRequest": {"Item": {"id": {"S": "b24"}, "n": {"N": "24"}}}},
            ],
        },
        "ReturnConsumedCapacity": "TOTAL",
    },
    {
        "RequestItems": {
            "people": [
                {"PutRequest": {"Item": {"id": {"S": "b25"}, "n": {"N": "25"}}}},
                {"DeleteRequest": {"Key": {"id": {"S": "1"}}}},
            ],
        },
        "ReturnConsumedCapacity": "TOTAL",
    },
]
for request in requests:
    while request["RequestItems"]:
        response = client.batch_write_item(**request)
        print(response)
        request["RequestItems"] = response["UnprocessedItems"]
        time.sleep(0.1)
