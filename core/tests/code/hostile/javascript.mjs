// npm install @aws-sdk/client-dynamodb
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({});
const command = new PutItemCommand({
  TableName: "people",
  Item: {
    id: { S: "evil" },
    ["__proto__"]: { S: "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END" },
    constructor: { M: {
      toString: { S: "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END" },
      "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END": { L: [
        { S: "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END" },
      ] },
    } },
    sets: { SS: [
      "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END",
      "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END2",
    ] },
    b: { B: new Uint8Array([34, 39, 0, 92, 92, 110, 36, 123, 125, 37, 10, 255]) },
    END: { S: "END" },
    "1": { N: "1" },
    "a-b": { S: "x" },
    "it's": { BOOL: true },
  },
  ConditionExpression: "#e <> :e",
  ExpressionAttributeNames: {
    "#e": "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END",
  },
  ExpressionAttributeValues: {
    ":e": { S: "\"'`$(touch pwned)${1+1}\\ \n\r\t%s{{$guid}} */ // # \"\"\" ''' \u2028\u202e\ufeff\u0000\u007f\u0085 é 漢 😀 </script> END" },
  },
});
console.dir(await client.send(command), { depth: null });
