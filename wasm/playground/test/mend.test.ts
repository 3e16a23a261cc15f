// mend.test.ts: turns patches into proof that they change what they name and nothing else; the cases are those of
// host/src/diagnostic/mend.rs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mend, type Step } from '../src/lib/mend.ts';
import { readProblem } from '../src/lib/plan.ts';

function check(text: string, patch: Step[], expected: string | undefined): void {
  assert.equal(mend(text, patch), expected, text);
}

test('a patch changes only what it names', () => {
  check('{"item" : 1.10}', [{ op: 'move', from: '/item', path: '/Item' }], '{"Item" : 1.10}');
  check('{"a":1,"b":2}', [{ op: 'remove', path: '/a' }], '{"b":2}');
  check('{"a":1,"b":2}', [{ op: 'remove', path: '/b' }], '{"a":1}');
  check('{"a": [1]}', [{ op: 'remove', path: '/a/0' }], '{"a": []}');
  check('{"a":1}', [{ op: 'add', path: '/b', value: '{"c":[1,2]}' }], '{"a":1,"b":{"c":[1,2]}}');
  check('{"a": 1}', [{ op: 'add', path: '/b', value: '{"c":[1,2.50]}' }], '{"a": 1, "b": {"c": [1, 2.50]}}');
  check('{"a": {}}', [{ op: 'add', path: '/a/x~1y', value: '1' }], '{"a": {"x/y": 1}}');
  check('{"a": [2, 3]}', [{ op: 'add', path: '/a/0', value: '1' }], '{"a": [1, 2, 3]}');
  check('{"a": [2, 3]}', [{ op: 'add', path: '/a/-', value: '4' }], '{"a": [2, 3, 4]}');
  check('{"a": 1, "b": {}}', [{ op: 'move', from: '/a', path: '/b/a' }], '{"b": {"a": 1}}');
  check('{\n  "a": 1\n}', [{ op: 'add', path: '/b', value: '2' }], '{\n  "a": 1,\n  "b": 2\n}');
  check('{\n  "a": 1,\n  "b": 2\n}', [{ op: 'remove', path: '/b' }], '{\n  "a": 1\n}');
});

test('a patch that does not apply changes nothing', () => {
  check('{"a":1}', [{ op: 'remove', path: '/x' }], undefined);
  check('{"a":1}', [{ op: 'add', path: '/x/y', value: '1' }], undefined);
  check('{"a":', [{ op: 'remove', path: '/a' }], undefined);
});

test('a fix keeps every digit of its value', () => {
  const body = '{"message":"m","fix":[{"op":"replace","path":"/n","value":12345678901234567890.10}]}';
  const { fix } = readProblem(body, 'error');
  assert.deepEqual(fix, [{ op: 'replace', path: '/n', value: '12345678901234567890.10' }]);
  assert.equal(mend('{"n": 1}', fix ?? []), '{"n": 12345678901234567890.10}');
});
