// plan.test.ts: turns planner answers and the examples into proof that the page reads them without touching a digit.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleById, FIRST, GROUPS } from '../src/lib/examples.ts';
import { placeOf, readOutlook, readProblem } from '../src/lib/plan.ts';
import { prettyText } from '../src/lib/pretty.ts';

test('commands keep their text', () => {
  const put = '{"TableName":"t","Item":{"n":{"N":"1.50"},"m":1.10}}';
  const body = `{"commands":[{"PutItem":${put}},{"BatchGetItem":{}}],"more":true,"sequence":[{"calls":2,"pauseMs":50,"command":{"PutItem":${put}},"outcome":{"n":1.10}},{}],"warnings":[],"later":1}`;
  assert.deepEqual(readOutlook(200, body), {
    kind: 'plan',
    commands: [{ api: 'PutItem', table: 't', json: put }, { api: 'BatchGetItem', json: '{}' }],
    sequence: [{ calls: 2, pauseMs: 50, command: { api: 'PutItem', table: 't', json: put }, outcome: '{"n":1.10}' }],
    problems: [],
  });
});

test('warnings come with their place', () => {
  const warning = { rule: 'looks-typed', message: 'm', path: '/payload', span: [1, 2], hint: 'h', fix: [] };
  const outlook = readOutlook(200, `{"commands":[],"more":false,"warnings":[${JSON.stringify(warning)}]}`);
  assert.deepEqual(outlook.problems, [
    { severity: 'warning', rule: 'looks-typed', message: 'm', path: '/payload', span: [1, 2], hint: 'h' },
  ]);
});

test('a refusal carries its words', () => {
  const body = '{"__type":"ValidationException","message":"no","path":"/operation","requestId":"r"}';
  assert.deepEqual(readOutlook(400, body), {
    kind: 'refusal',
    status: 400,
    problems: [{ severity: 'error', type: 'ValidationException', message: 'no', path: '/operation' }],
  });
});

test('an answer of another shape is still shown', () => {
  for (const body of ['', '[]', 'null', '<html>', '{"message":5,"span":["a",1],"path":null}']) {
    assert.deepEqual(readProblem(body, 'error'), { severity: 'error', message: 'The answer carries no message.' });
    assert.deepEqual(readOutlook(200, body), { kind: 'plan', commands: [], sequence: [], problems: [] });
  }
});

test('text that is not JSON is marked where its message says', () => {
  const problem = { severity: 'error', type: 'SerializationException', message: 'duplicate key "a" at line 2, column 1' } as const;
  assert.deepEqual(placeOf('{"a": 1,\n"a": 2}', problem), { start: 9, end: 10 });
  assert.equal(placeOf('{}', { ...problem, message: 'no place' }), undefined);
  assert.equal(placeOf('{}', { ...problem, type: 'ValidationException' }), undefined);
});

test('examples are tidy JSON with ids of their own, and the first is the tutorial\'s create', () => {
  const examples = GROUPS.flatMap((group) => group.examples);
  assert.equal(new Set(examples.map((each) => each.id)).size, examples.length);
  for (const { id, text } of examples) assert.equal(prettyText(text), text, id);
  assert.deepEqual(JSON.parse(exampleById(FIRST)?.text ?? ''), {
    operation: 'create',
    tableName: 'lambda-apigateway',
    payload: { Item: { id: '1234ABCD', number: 5 } },
  });
});
