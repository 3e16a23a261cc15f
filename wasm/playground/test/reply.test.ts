// reply.test.ts: turns replies into proof that the tree names every type, and that what goes on from an item loses no digit.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplyText, visible, type Node } from '../src/lib/reply.ts';
import { isPlan, plan } from './planner.ts';

const EXACT = '12345678901234567890.10';

function all(reply: ReplyText, node: Node): Node[] {
  return [node, ...reply.children(node).flatMap((each) => all(reply, each))];
}

/** Every row that has a type: path, type and what is shown. */
function types(request: string, text: string): string[] {
  const reply = new ReplyText(text, request);
  assert.ok(reply.root);
  const rows = all(reply, reply.root);
  assert.equal(new Set(rows.map(({ id }) => id)).size, rows.length, 'ids are distinct');
  return rows.flatMap(({ path, type, shown }) => (type ? [`${path.join('/')} ${type} ${text.slice(shown.start, shown.end)}`] : []));
}

const LIST = '{"operation":"list","tableName":"people"}';
const TYPED = '{"operation":"list","tableName":"people","options":{"format":"dynamodb"}}';

test('types stand beside values in plain JSON', () => {
  const item = `{"b":{"$b":"YQ=="},"l":[1,"a"],"m":{"S":"x"},"n":${EXACT},"ns":{"$ns":[1]},"t":true,"tag":{"$m":{"$ss":"x"}},"x":{"$n":"+5"},"z":null}`;
  assert.deepEqual(types(LIST, `{"Items":[${item}],"Count":1,"ResponseMetadata":{"RetryAttempts":0}}`), [
    'Items/0/b Binary "YQ=="',
    'Items/0/l List [1,"a"]',
    'Items/0/l/0 Number 1',
    'Items/0/l/1 String "a"',
    'Items/0/m Map {"S":"x"}',
    'Items/0/m/S String "x"',
    `Items/0/n Number ${EXACT}`,
    'Items/0/ns Number set [1]',
    'Items/0/t Boolean true',
    'Items/0/tag Map {"$ss":"x"}',
    'Items/0/tag/$ss String "x"',
    'Items/0/x Number "+5"',
    'Items/0/z Null null',
  ]);
});

test('types of DynamoDB JSON are taken off their values', () => {
  assert.deepEqual(types(TYPED, `{"Items":[{"m":{"M":{"$ss":{"L":[{"N":"${EXACT}"}]}}},"s":{"SS":["a"]}}]}`), [
    `Items/0/m Map {"$ss":{"L":[{"N":"${EXACT}"}]}}`,
    `Items/0/m/$ss List [{"N":"${EXACT}"}]`,
    `Items/0/m/$ss/0 Number "${EXACT}"`,
    'Items/0/s String set ["a"]',
  ]);
});

test('every part of a reply that holds values is known, and nothing else is', () => {
  assert.deepEqual(types(LIST, '{"LastEvaluatedKey":{"id":1},"Continuation":[{"after":{"id":2}},{"done":true}],"Count":3}'), [
    'LastEvaluatedKey/id Number 1',
    'Continuation/0/after/id Number 2',
  ]);
  const batch = '{"operation":"batchRead","payload":{}}';
  assert.deepEqual(types(batch, '{"Responses":{"Item":[{"a":1}]},"UnprocessedKeys":{"Items":{"Keys":[{"b":2}],"ConsistentRead":true}}}'), [
    'Responses/Item/0/a Number 1',
    'UnprocessedKeys/Items/Keys/0/b Number 2',
  ]);
  assert.deepEqual(types('{"operation":"transactRead"}', '{"Responses":[{"Item":{"a":1}},{}]}'), ['Responses/0/Item/a Number 1']);
  assert.deepEqual(types('{"operation":"batchWrite"}', '{"UnprocessedItems":{"t":[{"PutRequest":{"Item":{"a":1}}}]}}'), ['UnprocessedItems/t/0/PutRequest/Item/a Number 1']);
  for (const text of ['{"Item":{"a":1}}', '"pong"', '[{"Item":1}]']) assert.deepEqual(types('{"operation":"echo"}', text), []);
  assert.deepEqual(types(LIST, '{"commands":[{"PutItem":{"Item":{"a":{"S":"1"}}}}]}'), []);
});

test('figures are as they are written', () => {
  const figures = (request: string, text: string) => new ReplyText(text, request).figures();
  assert.deepEqual(figures(LIST, '{"Items":[],"Count":25,"ScannedCount":100,"ConsumedCapacity":{"TableName":"people","CapacityUnits":0.50}}'), ['Count 25', 'ScannedCount 100', '0.50 read units']);
  assert.deepEqual(figures('{"operation":"create"}', '{"ConsumedCapacity":{"CapacityUnits":1.0}}'), ['1.0 write unit']);
  assert.deepEqual(
    figures('{"operation":"transactWrite"}', '{"ConsumedCapacity":[{"TableName":"a","CapacityUnits":4,"ReadCapacityUnits":1,"WriteCapacityUnits":3},{"TableName":"b","CapacityUnits":2}]}'),
    ['a 1 read unit', 'a 3 write units', 'b 2 write units'],
  );
  assert.deepEqual(figures('{"operation":"echo"}', '{"Count":5}'), []);
  assert.deepEqual(figures(LIST, 'nothing'), []);
});

/** The compact request that goes on from the first item. */
function follow(request: string, text: string, verb: 'read' | 'update' | 'delete' = 'read', keys?: string[]): string | undefined {
  const reply = new ReplyText(text, request);
  assert.ok(reply.root);
  const item = all(reply, reply.root).find(({ isItem }) => isItem);
  const next = item && reply.follow(item, verb, keys);
  if (next !== undefined) assert.ok(isPlan(plan(next)), `${plan(next)}: ${next}`);
  return next?.replaceAll(/\s/g, '');
}

test('what goes on from an item has its key, to the digit', () => {
  const item = `{"a":{"$ss":["x"]},"id":${EXACT},"name":"Ann"}`;
  const key = `{"operation":"read","tableName":"people","payload":{"Key":{"id":${EXACT}}}}`;
  assert.equal(follow(LIST, `{"Items":[${item}],"LastEvaluatedKey":{"id":1}}`), key);
  assert.equal(follow(LIST, `{"Items":[${item}]}`), key, 'the first scalar');
  assert.equal(follow(LIST, `{"Items":[${item}]}`, 'delete', ['name']), '{"operation":"delete","tableName":"people","payload":{"Key":{"name":"Ann"}}}');
  assert.equal(follow(LIST, `{"Items":[${item}]}`, 'read', ['pk']), key, 'a guess that does not fit');
  const index = '{"operation":"query","tableName":"people","payload":{"IndexName":"by-name"}}';
  assert.equal(follow(index, `{"Items":[${item}],"LastEvaluatedKey":{"id":1,"name":"x"}}`, 'read', ['id']), key);
  assert.equal(
    follow(LIST, `{"Items":[${item}],"LastEvaluatedKey":{"id":1}}`, 'update'),
    `{"operation":"update","tableName":"people","payload":{"Key":{"id":${EXACT}},"UpdateExpression":"SET#name=:value","ExpressionAttributeNames":{"#name":"a"},"ExpressionAttributeValues":{":value":{"$ss":["x"]}},"ReturnValues":"ALL_NEW"}}`,
  );
  assert.equal(
    follow(TYPED, '{"Items":[{"id":{"N":"1.50"}}]}', 'update'),
    '{"operation":"update","tableName":"people","payload":{"Key":{"id":{"N":"1.50"}},"UpdateExpression":"SET#name=:value","ExpressionAttributeNames":{"#name":"note"},"ExpressionAttributeValues":{":value":{"S":""}},"ReturnValues":"ALL_NEW"},"options":{"format":"dynamodb"}}',
  );
});

test('the key and the table are those of the request that the item answers', () => {
  const update = '{"operation":"update","tableName":"people","payload":{"Key":{"id":"1"},"UpdateExpression":"SET n = n + :n"}}';
  assert.equal(follow(update, '{"Attributes":{"n":2}}'), '{"operation":"read","tableName":"people","payload":{"Key":{"id":"1"}}}');
  const batch = '{"operation":"batchRead","payload":{"RequestItems":{"orders":{"Keys":[{"b":"1"}]}}}}';
  assert.equal(follow(batch, '{"Responses":{"orders":[{"a":1,"b":"2"}]}}'), '{"operation":"read","tableName":"orders","payload":{"Key":{"b":"2"}}}');
  const transaction = '{"operation":"transactRead","tableName":"people","payload":{"TransactItems":[{"Get":{"TableName":"orders","Key":{"b":"2"}}}]}}';
  assert.equal(follow(transaction, '{"Responses":[{"Item":{"a":1,"b":"2"}}]}'), '{"operation":"read","tableName":"orders","payload":{"Key":{"b":"2"}}}');
  const failed = '{"operation":"create","tableName":"people","payload":{"Item":{"id":"1"}}}';
  assert.equal(follow(failed, '{"__type":"ConditionalCheckFailedException","Item":{"id":"1"}}'), '{"operation":"read","tableName":"people","payload":{"Key":{"id":"1"}}}');
  assert.equal(follow(LIST, '{"Items":[{"m":{}}]}'), undefined, 'nothing could be its key');
  assert.equal(follow(LIST, '{"LastEvaluatedKey":{"id":1}}'), undefined, 'a key is no item');
});

test('what cannot be seen is written as an escape', () => {
  assert.equal(visible('a b é 漢 😀'), 'a b é 漢 😀');
  assert.equal(visible('\u202e\u200b\u0000\u2028\u00a0\u{e0041}'), '\\u202e\\u200b\\u0000\\u2028\\u00a0\\udb40\\udc41');
});

test('10,000 items are quick, for only the rows that are shown are made', () => {
  const items = Array.from({ length: 10_000 }, (_, at) => `{"id":"${at}","n":${at}}`).join(',');
  const started = performance.now();
  const reply = new ReplyText(`{"Items":[${items}]}`, LIST);
  assert.ok(reply.root);
  const [list] = reply.children(reply.root);
  assert.ok(list);
  assert.equal(list.size, 10_000);
  assert.deepEqual(reply.children(list, 100, 102).map(({ name }) => name), ['100', '101']);
  const ms = performance.now() - started;
  assert.ok(ms < 1000, `${ms} ms`);
});
