// examples.ts: turns the tutorial, the operations and the famous mistakes into requests to start from, each with a link of its own.
// Links to examples stand in other people's pages, so an id never changes. docs/examples.md is written from here.

import { MISTAKES } from './mistakes.ts';

export interface Example {
  /** What its link says: `#example=create`. */
  id: string;
  /** What the list shows. */
  name: string;
  /** What it teaches, in a few words. */
  about: string;
  text: string;
  /** Of a mistake: the rule that speaks up. */
  rule?: string;
}

export interface ExampleGroup {
  name: string;
  examples: readonly Example[];
}

/** In this order every one of them succeeds on a new table. */
const TUTORIAL: readonly Example[] = [
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
];

/** One for each operation at least; in this order, on a new table, all of them succeed. */
const OPERATIONS: readonly Example[] = [
  {
    id: 'create-once',
    name: 'create, if new',
    about: 'A condition keeps an item from being replaced',
    text: `{
  "operation": "create",
  "tableName": "lambda-apigateway",
  "payload": {
    "Item": {
      "id": "order-1",
      "state": "open",
      "price": 49.95,
      "visits": 0
    },
    "ConditionExpression": "attribute_not_exists(id)"
  }
}`,
  },
  {
    id: 'read-some',
    name: 'read, two attributes',
    about: 'A projection, read consistently',
    text: `{
  "operation": "read",
  "tableName": "lambda-apigateway",
  "payload": {
    "Key": {"id": "order-1"},
    "ProjectionExpression": "#state, price",
    "ExpressionAttributeNames": {"#state": "state"},
    "ConsistentRead": true
  }
}`,
  },
  {
    id: 'update-counter',
    name: 'update, a counter',
    about: 'Counts up, and appends to a list that may not be there yet',
    text: `{
  "operation": "update",
  "tableName": "lambda-apigateway",
  "payload": {
    "Key": {"id": "order-1"},
    "UpdateExpression": "SET notes = list_append(if_not_exists(notes, :none), :note) ADD visits :one",
    "ExpressionAttributeValues": {
      ":none": [],
      ":note": ["called"],
      ":one": 1
    },
    "ReturnValues": "UPDATED_NEW"
  }
}`,
  },
  {
    id: 'query',
    name: 'query',
    about: 'Finds items by key condition',
    text: `{
  "operation": "query",
  "tableName": "lambda-apigateway",
  "payload": {
    "KeyConditionExpression": "id = :id",
    "ExpressionAttributeValues": {":id": "order-1"}
  }
}`,
  },
  {
    id: 'delete-if',
    name: 'delete, if open',
    about: 'Deletes on a condition, and replies with what was there',
    text: `{
  "operation": "delete",
  "tableName": "lambda-apigateway",
  "payload": {
    "Key": {"id": "order-1"},
    "ConditionExpression": "#state = :open",
    "ExpressionAttributeNames": {"#state": "state"},
    "ExpressionAttributeValues": {":open": "open"},
    "ReturnValues": "ALL_OLD"
  }
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
    id: 'transact-read',
    name: 'transactRead',
    about: 'Several items as they are at one moment',
    text: `{
  "operation": "transactRead",
  "tableName": "lambda-apigateway",
  "payload": {
    "TransactItems": [
      {"Get": {"Key": {"id": "1235"}}},
      {"Get": {"Key": {"id": "1237"}}}
    ]
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
  {
    id: 'typed',
    name: 'DynamoDB JSON',
    about: 'Every value with its type, as the AWS CLI has it',
    text: `{
  "operation": "create",
  "tableName": "lambda-apigateway",
  "payload": {
    "Item": {
      "id": {"S": "typed"},
      "number": {"N": "5"}
    }
  },
  "options": {"format": "dynamodb"}
}`,
  },
  {
    id: 'dry-run',
    name: 'dryRun',
    about: 'The reply is the plan: nothing is deleted',
    text: `{
  "operation": "delete",
  "tableName": "lambda-apigateway",
  "payload": {"Key": {"id": "exact"}},
  "options": {"dryRun": true}
}`,
  },
  {
    id: 'echo-exact',
    name: 'echo, to the digit',
    about: 'Numbers and the order of members come back as they were written',
    text: `{
  "operation": "echo",
  "payload": {"b": 12345678901234567890.10, "a": 1E+2}
}`,
  },
  {
    id: 'ping-payload',
    name: 'ping, with a payload',
    about: 'Whatever the payload, the reply is "pong"',
    text: `{
  "operation": "ping",
  "payload": {"from": "monitor"}
}`,
  },
];

export const GROUPS: readonly ExampleGroup[] = [
  { name: 'Tutorial', examples: TUTORIAL },
  { name: 'Operations', examples: OPERATIONS },
  { name: 'Famous mistakes', examples: MISTAKES },
];

/** First sight: the tutorial's create request. */
export const FIRST = 'create';

export function exampleById(id: string): Example | undefined {
  return GROUPS.flatMap((group) => group.examples).find((example) => example.id === id);
}
