// complete.test.ts: turns texts with a cursor (a bar) into proof that the right words are offered there, and no others.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CompletionContext } from '@codemirror/autocomplete';
import { json } from '@codemirror/lang-json';
import { ensureSyntaxTree } from '@codemirror/language';
import { EditorState } from '@codemirror/state';
import { complete, explain } from '../src/lib/complete.ts';

function at(text: string): { state: EditorState; pos: number } {
  const pos = text.indexOf('|');
  const state = EditorState.create({ doc: text.replace('|', ''), extensions: [json()] });
  ensureSyntaxTree(state, state.doc.length, 5000);
  return { state, pos };
}

/** The names that are offered; of each, its plain form. */
function offered(text: string): string[] {
  const { state, pos } = at(text);
  const result = complete(new CompletionContext(state, pos, true));
  return (result?.options ?? []).map(({ displayLabel, label }) => displayLabel ?? label);
}

test('members of the request, but those it has', () => {
  assert.deepEqual(offered('{"operation": "read", "|"}'), ['tableName', 'payload', 'options']);
  assert.deepEqual(offered('{|}'), ['operation', 'tableName', 'payload', 'options']);
});

test('operations, and the words of an enumeration', () => {
  assert.ok(offered('{"operation": "|"}').includes('transactWrite'));
  assert.deepEqual(offered('{"operation": "create", "tableName": "t", "payload": {"ReturnValues": "|"}}').slice(0, 2), [
    'NONE',
    'ALL_OLD',
  ]);
  assert.deepEqual(offered('{"operation": "list", "options": {"format": "|"}}'), ['plain', 'dynamodb']);
});

test('parameters of the operation at hand', () => {
  const read = offered('{"operation": "read", "tableName": "t", "payload": {"Key": {}, "|"}}');
  assert.ok(read.includes('ConsistentRead') && !read.includes('Key') && !read.includes('Item') && !read.includes('TableName'), read.join());
  const options = offered('{"operation": "query", "options": {"|"}}');
  assert.ok(options.includes('all') && !options.includes('segments'), options.join());
  assert.deepEqual(offered('{"operation": "batchWrite", "tableName": "t", "payload": {"|"}}').slice(0, 2), ['Put', 'Delete']);
  assert.deepEqual(offered('{"operation": "transactWrite", "payload": {"TransactItems": [{}, {"|"}]}}'), [
    'ConditionCheck',
    'Put',
    'Delete',
    'Update',
  ]);
});

test('the request’s own attributes and placeholders', () => {
  const update = (expression: string, rest = '') =>
    `{"operation": "update", "tableName": "t", "payload": {"Key": {"id": "1"}, "UpdateExpression": "${expression}"${rest}}}`;
  const words = offered(update('SET |', ', "ExpressionAttributeNames": {"#n": "name"}, "ExpressionAttributeValues": {":n": 1}'));
  for (const word of ['#n', ':n', 'id', 'if_not_exists']) assert.ok(words.includes(word), `${word}: ${words.join()}`);
  assert.deepEqual(offered(update('SET #a = :b, #c = :b', ', "ExpressionAttributeNames": {"#c": "x", "|"}')), ['#a']);
  assert.deepEqual(offered(update('SET a = :b', ', "ExpressionAttributeValues": {"|"}')), [':b']);
});

test('nothing where anything may stand', () => {
  for (const text of ['{"operation": "echo", "payload": {"|"}}', '{"payload": {"Item": {"a": "|"}}}', '[|]', '|', '{"constructor": {"|"}}']) {
    assert.deepEqual(offered(text), [], text);
  }
});

test('half a request is enough', () => {
  assert.ok(offered('{"operation": "create", "payload": {"|').includes('Item'));
  assert.ok(offered('{"operation": "|').includes('create'));
});

test('the word under the pointer is explained', () => {
  const meaning = (text: string) => {
    const { state, pos } = at(text);
    return explain(state, pos)?.title;
  };
  assert.equal(meaning('{"operation": "read", "tableName": "t", "payload": {"K|ey": {}}}'), 'Key (required)');
  assert.equal(meaning('{"operation": "cre|ate"}'), 'create');
  assert.equal(meaning('{"operation": "list", "options": {"al|l": true}}'), 'all');
  assert.equal(meaning('{"operation": "create", "payload": {"Item": {"i|d": 1}}}'), undefined);
});
