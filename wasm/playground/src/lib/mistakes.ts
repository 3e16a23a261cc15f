// mistakes.ts: turns the mistakes that everyone makes once into requests that the planner refuses or warns of.
// `about` says what to do instead, for some rules have no hint.

import type { Example } from './examples.ts';

export const MISTAKES: readonly Example[] = [
  {
    id: 'mistake-item',
    name: 'item for Item',
    about: 'Parameters are case-sensitive',
    rule: 'parameter.unknown',
    text: on('create', `{
    "item": {"id": "1234ABCD", "number": 5}
  }`),
  },
  {
    id: 'mistake-operation',
    name: 'PutItem for create',
    about: 'The operation has the name of this API, not of the DynamoDB call',
    rule: 'envelope.operation',
    text: on('PutItem', `{
    "Item": {"id": "1234ABCD", "number": 5}
  }`),
  },
  {
    id: 'mistake-dry-run',
    name: 'dryrun outside options',
    about: 'A mistyped dryRun must never delete',
    rule: 'envelope.slip',
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
    about: '{"S": "x"} is stored as a map, unless options.format is dynamodb',
    rule: 'value.dynamodb-json',
    text: on('create', `{
    "Item": {
      "id": {"S": "1234ABCD"},
      "number": {"N": "5"}
    }
  }`),
  },
  {
    id: 'mistake-reserved',
    name: 'a reserved word',
    about: 'status, name, date and 570 more need a #name',
    rule: 'expression.reserved-word',
    text: on('update', `{
    "Key": {"id": "1234ABCD"},
    "UpdateExpression": "SET status = :s",
    "ExpressionAttributeValues": {":s": "shipped"}
  }`),
  },
  {
    id: 'mistake-literal',
    name: 'a number in an expression',
    about: 'Expressions hold no values: write :one, and say 1 in ExpressionAttributeValues',
    rule: 'expression.syntax',
    text: on('update', `{
    "Key": {"id": "1234ABCD"},
    "UpdateExpression": "SET visits = visits + 1"
  }`),
  },
  {
    id: 'mistake-undefined',
    name: 'a :value nobody defines',
    about: 'Every :value of an expression stands in ExpressionAttributeValues',
    rule: 'expression.undefined-value',
    text: on('update', `{
    "Key": {"id": "1234ABCD"},
    "UpdateExpression": "SET price = :p, stock = :s",
    "ExpressionAttributeValues": {":p": 9.95}
  }`),
  },
  {
    id: 'mistake-unused',
    name: 'a :value nobody uses',
    about: 'What no expression uses is refused',
    rule: 'values.unused',
    text: on('update', `{
    "Key": {"id": "1234ABCD"},
    "UpdateExpression": "SET price = :p",
    "ExpressionAttributeValues": {":p": 9.95, ":old": 12}
  }`),
  },
  {
    id: 'mistake-colon',
    name: 'a value without its colon',
    about: 'Values are :value and names are #name on both sides',
    rule: 'values.key',
    text: on('update', `{
    "Key": {"id": "1234ABCD"},
    "UpdateExpression": "SET price = :p",
    "ExpressionAttributeValues": {"p": 9.95}
  }`),
  },
  {
    id: 'mistake-overlap',
    name: 'two paths that overlap',
    about: 'One update changes a map or what is in it, not both',
    rule: 'expression.overlap',
    text: on('update', `{
    "Key": {"id": "1234ABCD"},
    "UpdateExpression": "SET address = :a, address.city = :c",
    "ExpressionAttributeValues": {
      ":a": {"street": "High Street 1"},
      ":c": "Leeds"
    }
  }`),
  },
  {
    id: 'mistake-mixed',
    name: 'old and new parameters',
    about: 'AttributeUpdates and its like cannot stand beside expressions',
    rule: 'expression.mixed',
    text: on('update', `{
    "Key": {"id": "1234ABCD"},
    "AttributeUpdates": {
      "number": {"Action": "PUT", "Value": 5}
    },
    "ConditionExpression": "attribute_exists(id)"
  }`),
  },
  {
    id: 'mistake-empty-set',
    name: 'an empty set',
    about: 'DynamoDB has no empty sets: leave the attribute out',
    rule: 'value.empty-string-set',
    text: on('create', `{
    "Item": {
      "id": "1234ABCD",
      "tags": {"$ss": []}
    }
  }`),
  },
  {
    id: 'mistake-digits',
    name: '39 digits',
    about: 'Numbers have 38 significant digits: store longer ones as a string',
    rule: 'value.number-digits',
    text: on('create', `{
    "Item": {
      "id": "1234ABCD",
      "number": 123456789012345678901234567890123456789
    }
  }`),
  },
  {
    id: 'mistake-return-values',
    name: 'ALL_NEW after create',
    about: 'A put returns the old item or nothing: the new one is what was sent',
    rule: 'return-values.single',
    text: on('create', `{
    "Item": {"id": "1234ABCD", "number": 5},
    "ReturnValues": "ALL_NEW"
  }`),
  },
  {
    id: 'mistake-twice',
    name: 'a key twice in a batch',
    about: 'A batch names an item once',
    rule: 'batch.duplicates',
    text: on('batchRead', `{
    "Keys": [
      {"id": "1235"},
      {"id": "1235"}
    ]
  }`),
  },
  {
    id: 'mistake-key-condition',
    name: 'query by a filter',
    about: 'A query needs a key condition; a filter only drops what was read',
    rule: 'query.key-condition',
    text: on('query', `{
    "FilterExpression": "id = :id",
    "ExpressionAttributeValues": {":id": "1234ABCD"}
  }`),
  },
  {
    id: 'mistake-filter',
    name: 'Limit beside a filter',
    about: 'Limit counts what is read, and so does the bill: this may return nothing',
    rule: 'filter.limit',
    text: on('list', `{
    "FilterExpression": "colour = :c",
    "ExpressionAttributeValues": {":c": "red"},
    "Limit": 1
  }`),
  },
  {
    id: 'mistake-limit',
    name: 'Limit 0',
    about: 'Limit is 1 or more; without it a page is up to 1 MB',
    rule: 'parameter.range',
    text: on('list', '{"Limit": 0}'),
  },
  {
    id: 'mistake-begins-with',
    name: 'begins_with a number',
    about: 'begins_with compares strings or binary values: put the number in quotes, or use BETWEEN',
    rule: 'expression.operand-type',
    text: on('list', `{
    "FilterExpression": "begins_with(id, :start)",
    "ExpressionAttributeValues": {":start": 12}
  }`),
  },
  {
    id: 'mistake-select',
    name: 'Select beside a projection',
    about: 'COUNT counts and a projection returns: one of them has to go',
    rule: 'select.other',
    text: on('list', `{"Select": "COUNT", "ProjectionExpression": "id"}`),
  },
];

function on(operation: string, payload: string): string {
  return `{
  "operation": "${operation}",
  "tableName": "lambda-apigateway",
  "payload": ${payload}
}`;
}
