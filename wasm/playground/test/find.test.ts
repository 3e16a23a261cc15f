// find.test.ts: turns letters into what they find, requests into their titles, and keys into their signs.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GROUPS } from '../src/lib/examples.ts';
import { matches } from '../src/lib/fuzzy.ts';
import { signs } from '../src/lib/keys.ts';
import { titleOf } from '../src/lib/title.ts';

const ENTRIES = [
  { name: 'Send', group: 'Action' },
  { name: 'Share', group: 'Action' },
  { name: 'batchWrite', group: 'Operation', hint: 'Puts and deletes many items' },
  { name: 'batchRead', group: 'Operation', hint: 'Gets many items by their keys' },
  { name: 'transactWrite', group: 'Operation', hint: 'All or none' },
  { name: 'a reserved word', group: 'Famous mistakes', hint: 'status and name need a #name' },
  { name: 'read', group: 'Operation', hint: 'Gets an item' },
];

for (const [typed, ...expected] of [
  ['', ...ENTRIES.map((each) => each.name)],
  ['  '  , ...ENTRIES.map((each) => each.name)],
  ['bw', 'batchWrite'],
  ['BR', 'batchRead'],
  ['read', 'read', 'batchRead'],
  ['write', 'batchWrite', 'transactWrite'],
  ['rw', 'a reserved word'],
  ['mistake word', 'a reserved word'],
  ['operation tw', 'transactWrite'],
  ['zz'],
  ['.*'],
  ['İ'],
] as const) {
  test(`"${typed}" finds ${expected[0] ?? 'nothing'}`, () => {
    const found = matches(typed, ENTRIES).map((each) => each.name);
    assert.deepEqual(typed.trim() ? found.slice(0, expected.length || 1) : found, expected);
  });
}

test('every example is found first by its own name', () => {
  const entries = GROUPS.flatMap(({ name: group, examples }) => examples.map(({ name, about: hint }) => ({ name, group, hint })));
  for (const { name } of entries) assert.equal(matches(name, entries)[0]?.name, name);
});

test('a long name is searched in no time', () => {
  const entries = Array.from({ length: 2_000 }, () => ({ name: 'a'.repeat(100), group: 'g' }));
  const started = performance.now();
  assert.deepEqual(matches('a'.repeat(30) + 'b', entries), []);
  assert.ok(performance.now() - started < 2_000);
});

for (const [text, operation, subject, table] of [
  ['{"operation": "read", "tableName": "t", "payload": {"Key": {"id": "1"}}}', 'read', '1', 't'],
  ['{"operation": "create", "tableName": "t", "payload": {"Item": {"id": {"N": "12345678901234567890.10"}}}}', 'create', '12345678901234567890.10', 't'],
  ['{"operation": "list", "tableName": "t"}', 'list', 't', 't'],
  ['{"operation": "read", "tableName": {}, "payload": {"Key": {}}}', 'read', '', ''],
  ['{"oper\n  ation', '{"oper ation', '', ''],
  ['', '(empty)', '', ''],
  ['[1]', '[1]', '', ''],
] as const) {
  test(`the title of ${JSON.stringify(text)}`, () => {
    assert.deepEqual(titleOf(text), { operation, subject, table });
  });
}

test('keys are named as they stand on the keyboard', () => {
  assert.deepEqual(['Mod-Enter', 'Ctrl-Space', 'Alt-1..5', 'Mod-.', '?'].map((keys) => signs(keys, true)), ['⌘ Enter', '⌃ Space', '⌥ 1..5', '⌘ .', '?']);
  assert.deepEqual(['Mod-Enter', 'Ctrl-Space', 'Mod-.', '?'].map((keys) => signs(keys, false)), ['Ctrl+Enter', 'Ctrl+Space', 'Ctrl+.', '?']);
});
