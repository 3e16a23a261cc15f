// examples.ts: turns the tutorial, the other operations and the famous mistakes into requests to start from.

export interface Example {
  id: string;
  /** What the list shows. */
  name: string;
  /** What it teaches, in a few words. */
  about: string;
  text: string;
}

export interface ExampleGroup {
  name: string;
  examples: Example[];
}

export const GROUPS: ExampleGroup[] = [
  {
    name: 'Tutorial',
    examples: [
      {
        id: 'echo',
        name: '1 echo',
        about: 'Replies with its payload',
        text: `{
  "operation": "echo",
  "payload": {"somekey1": "somevalue1", "somekey2": "somevalue2"}
}`,
      },
      {
        id: 'create',
        name: '2 create',
        about: 'Puts one item',
        text: `{
  "operation": "create",
  "tableName": "lambda-apigateway",
  "payload": {
    "Item": {"id": "1234ABCD", "number": 5}
  }
}`,
      },
      {
        id: 'read',
        name: '3 read',
        about: 'Gets it back by its key',
        text: `{
  "operation": "read",
  "tableName": "lambda-apigateway",
  "payload": {"Key": {"id": "1234ABCD"}}
}`,
      },
      {
        id: 'list',
        name: '4 list',
        about: 'Scans the table',
        text: `{
  "operation": "list",
  "tableName": "lambda-apigateway",
  "payload": {}
}`,
      },
      {
        id: 'update',
        name: '5 update',
        about: 'Changes one attribute',
        text: `{
  "operation": "update",
  "tableName": "lambda-apigateway",
  "payload": {
    "Key": {"id": "1234ABCD"},
    "UpdateExpression": "SET #n = :n",
    "ExpressionAttributeNames": {"#n": "number"},
    "ExpressionAttributeValues": {":n": 10},
    "ReturnValues": "ALL_NEW"
  }
}`,
      },
      {
        id: 'delete',
        name: '6 delete',
        about: 'Deletes the item',
        text: `{
  "operation": "delete",
  "tableName": "lambda-apigateway",
  "payload": {"Key": {"id": "1234ABCD"}}
}`,
      },
      {
        id: 'ping',
        name: '7 ping',
        about: 'Replies "pong"',
        text: `{"operation": "ping"}`,
      },
    ],
  },
  {
    name: 'Operations',
    examples: [
      {
        id: 'query',
        name: 'query',
        about: 'Finds items by key condition',
        text: `{
  "operation": "query",
  "tableName": "lambda-apigateway",
  "payload": {
    "KeyConditionExpression": "id = :id",
    "ExpressionAttributeValues": {":id": "1234ABCD"}
  }
}`,
      },
      {
        id: 'list-all',
        name: 'list, all pages',
        about: 'Follows the pages to the end',
        text: `{
  "operation": "list",
  "tableName": "lambda-apigateway",
  "options": {"all": true}
}`,
      },
      {
        id: 'batch-write',
        name: 'batchWrite',
        about: 'Puts and deletes many',
        text: `{
  "operation": "batchWrite",
  "tableName": "lambda-apigateway",
  "payload": {
    "Put": [
      {"id": "1235", "number": 6},
      {"id": "1236", "number": 7.25}
    ],
    "Delete": [{"id": "1234ABCD"}]
  }
}`,
      },
      {
        id: 'batch-read',
        name: 'batchRead',
        about: 'Gets many by key',
        text: `{
  "operation": "batchRead",
  "tableName": "lambda-apigateway",
  "payload": {
    "Keys": [
      {"id": "1235"},
      {"id": "1236"}
    ]
  }
}`,
      },
      {
        id: 'transact-write',
        name: 'transactWrite',
        about: 'All of it or none of it',
        text: `{
  "operation": "transactWrite",
  "tableName": "lambda-apigateway",
  "payload": {
    "TransactItems": [
      {
        "Put": {
          "Item": {"id": "1237", "number": 8},
          "ConditionExpression": "attribute_not_exists(id)"
        }
      },
      {
        "Update": {
          "Key": {"id": "1235"},
          "UpdateExpression": "ADD visits :one",
          "ExpressionAttributeValues": {":one": 1}
        }
      }
    ]
  }
}`,
      },
      {
        id: 'values',
        name: 'exact values',
        about: 'Long numbers, sets and binary',
        text: `{
  "operation": "create",
  "tableName": "lambda-apigateway",
  "payload": {
    "Item": {
      "id": "exact",
      "price": 12345678901234567890123456789.12,
      "sizes": {
        "$ns": [1, 2.5]
      },
      "tags": {
        "$ss": ["new", "sale"]
      },
      "thumbnail": {"$b": "R0lGODlhAQABAA=="}
    }
  }
}`,
      },
    ],
  },
  {
    name: 'Famous mistakes',
    examples: [
      {
        id: 'mistake-item',
        name: 'item for Item',
        about: 'Parameters are case-sensitive',
        text: `{
  "operation": "create",
  "tableName": "lambda-apigateway",
  "payload": {
    "item": {"id": "1234ABCD", "number": 5}
  }
}`,
      },
      {
        id: 'mistake-dry-run',
        name: 'dryrun outside options',
        about: 'A mistyped dryRun must never delete',
        text: `{
  "operation": "delete",
  "tableName": "lambda-apigateway",
  "dryrun": true,
  "payload": {"Key": {"id": "1234ABCD"}}
}`,
      },
      {
        id: 'mistake-typed',
        name: 'typed values',
        about: '{"S": "x"} is stored as a map',
        text: `{
  "operation": "create",
  "tableName": "lambda-apigateway",
  "payload": {
    "Item": {
      "id": {"S": "1234ABCD"},
      "number": {"N": "5"}
    }
  }
}`,
      },
    ],
  },
];

/** First sight: the tutorial's create request. */
export const FIRST = 'create';

export function exampleById(id: string): Example | undefined {
  return GROUPS.flatMap((group) => group.examples).find((example) => example.id === id);
}
