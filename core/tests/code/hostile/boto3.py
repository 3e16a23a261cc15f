# pip install boto3
import boto3

client = boto3.client("dynamodb")
response = client.put_item(
    TableName="people",
    Item={
        "id": {"S": "evil"},
        "__proto__": {"S": "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END"},
        "constructor": {"M": {
            "toString": {"S": "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END"},
            "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END": {"L": [
                {"S": "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END"},
            ]},
        }},
        "sets": {"SS": [
            "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END",
            "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END2",
        ]},
        "b": {"B": b"\"'\x00\\\\n${}%\x0a\xff"},
        "END": {"S": "END"},
        "1": {"N": "1"},
        "a-b": {"S": "x"},
        "it's": {"BOOL": True},
    },
    ConditionExpression="#e <> :e",
    ExpressionAttributeNames={
        "#e": "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END",
    },
    ExpressionAttributeValues={
        ":e": {"S": "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END"},
    },
)
print(response)
