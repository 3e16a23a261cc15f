// followup.test.ts: turns replies that end early into the requests that go on.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { followUp } from '../src/lib/followup.ts';

function check(request: string, reply: string, expected: string | undefined): void {
  assert.equal(followUp(request, reply)?.request, expected, reply);
}

test('a page goes on after its last key, digits and all', () => {
  const key = '{"id":12345678901234567890.10}';
  check('{"operation":"list"}', `{"LastEvaluatedKey":${key}}`, `{"operation":"list","payload":{"ExclusiveStartKey":${key}}}`);
  check(
    '{"operation": "list", "payload": {"Limit": 2, "ExclusiveStartKey": {"id": 1}}}',
    '{"LastEvaluatedKey":{"id":2}}',
    '{"operation": "list", "payload": {"Limit": 2, "ExclusiveStartKey": {"id": 2}}}',
  );
});

test('segments go on with their continuation', () => {
  check(
    '{"operation":"list","options":{"segments":2}}',
    '{"Continuation":[{},{"done":true}]}',
    '{"operation":"list","options":{"segments":2,"continuation":[{},{"done":true}]}}',
  );
});

test('a batch goes on with what remains', () => {
  const reply = '{"UnprocessedItems":{"t":[]},"next":{"operation":"batchWrite","payload":{"RequestItems":{}}}}';
  assert.equal(followUp('{}', reply)?.name, 'What remains');
  check('{}', reply, '{\n  "operation": "batchWrite",\n  "payload": {"RequestItems": {}}\n}');
});

test('what is complete has no follow-up', () => {
  for (const reply of ['{"Items":[]}', '"pong"', '', 'null']) check('{"operation":"list"}', reply, undefined);
});
