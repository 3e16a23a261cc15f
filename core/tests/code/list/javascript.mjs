// npm install @aws-sdk/client-dynamodb
import { DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({});
const input = {
  TableName: "people",
  Limit: 2,
  FilterExpression: "#n <> :nobody AND attribute_exists(id)",
  ExpressionAttributeNames: { "#n": "name" },
  ExpressionAttributeValues: { ":nobody": { S: "nobody" } },
  ConsistentRead: true,
};
let count = 0;
for await (const page of paginateScan({ client }, input)) {
  console.dir(page, { depth: null });
  count += page.Count;
  if (count >= 3) break;
}
