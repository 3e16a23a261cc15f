// npm install @aws-sdk/client-dynamodb
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({});
const command = new PutItemCommand({
  TableName: "people",
  Item: {
    id: { S: "7" },
    name: { S: "Zoë's \"shop\"" },
    price: { N: "1.50" },
    exact: { N: "12345678901234567890123456789012345678" },
    photo: { B: new Uint8Array([0, 255, 34, 92, 39]) },
    open: { BOOL: true },
    closed: { BOOL: false },
    until: { NULL: true },
    tags: { SS: ["a", "b"] },
    sizes: { NS: ["1", "2.5"] },
    keys: { BS: [new Uint8Array([97]), new Uint8Array([255])] },
    list: { L: [
      { N: "1" },
      { S: "two" },
      { L: [{ BOOL: false }] },
      { M: {
        deep: { M: {
          deeper: { M: {
            deepest: { S: "a text that is long enough to need a line of its own" },
          } },
        } },
      } },
    ] },
    empty: { M: {} },
    none: { L: [] },
  },
  ReturnValues: "ALL_OLD",
  ReturnConsumedCapacity: "TOTAL",
  ConditionExpression: "attribute_not_exists(#i) OR price < :p",
  ExpressionAttributeNames: { "#i": "id" },
  ExpressionAttributeValues: { ":p": { N: "2e3" } },
});
console.dir(await client.send(command), { depth: null });
