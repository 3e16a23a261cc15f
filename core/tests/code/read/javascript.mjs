// npm install @aws-sdk/client-dynamodb
import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({});
const command = new GetItemCommand({
  TableName: "people",
  Key: { id: { S: "1" } },
});
console.dir(await client.send(command), { depth: null });
