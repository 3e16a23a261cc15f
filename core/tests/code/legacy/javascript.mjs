// npm install @aws-sdk/client-dynamodb
import { DynamoDBClient, UpdateItemCommand } from "@aws-sdk/client-dynamodb";

const client = new DynamoDBClient({});
const command = new UpdateItemCommand({
  TableName: "people",
  Key: { id: { S: "3" } },
  AttributeUpdates: {
    n: { Value: { N: "2" }, Action: "ADD" },
    old: { Action: "DELETE" },
  },
  Expected: {
    id: { ComparisonOperator: "EQ", AttributeValueList: [{ S: "3" }] },
    none: { Exists: false },
  },
  ConditionalOperator: "AND",
  ReturnValues: "UPDATED_NEW",
});
console.dir(await client.send(command), { depth: null });
