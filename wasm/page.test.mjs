// page.test.mjs: turns the same cases as replay.mjs into proof that the page's own wasm, through page.mjs and as small as it is made,
// answers with the same bytes as core does natively: a preview, code for every target, an explanation and a policy.
//
//     cargo run --quiet -p gateleg-core --example cases > cases.jsonl
//     node wasm/page.test.mjs cases.jsonl

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { test } from 'node:test';
import init, { code, explain, iam, initSync, memory, preview, version } from './page.mjs';

const path = process.argv[2];
if (!path) throw new Error('expected the file of cases as the argument, but found none; see the head of this file');
const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));

const bytes = readFileSync(new URL('playground/src/wasm/gateleg_wasm_bg.wasm', import.meta.url));
const wasm = new WebAssembly.Module(bytes);
initSync({ module: wasm });

const ENDPOINT = 'http://127.0.0.1:8080/dynamodbmanager';

/** A page has its requests as text: what is not UTF-8 never gets that far. */
const cases = lines.flatMap((line) => {
  const bytes = Buffer.from(line.request, 'base64');
  const request = bytes.toString();
  return line.preview && Buffer.from(request).equals(bytes) ? [{ ...line, request }] : [];
});

const told = ({ status, body }) => [status, body];

for (const { file, case: name, request, context, ...native } of cases) {
  test(`${file}: ${name}`, () => {
    assert.deepEqual(told(preview(request, context)), native.preview);
    for (const [target, answer] of Object.entries(native.code)) {
      assert.deepEqual(told(code(request, context, target, ENDPOINT)), answer, target);
    }
    assert.equal(explain(request, context), native.explain);
    assert.equal(iam(JSON.stringify([request]), context), native.iam);
  });
}

test('there are cases of every sort', () => {
  assert.ok(cases.length >= 100, `expected the corpus, but found ${cases.length} cases`);
  for (const target of Object.keys(cases[0].code)) {
    assert.ok(cases.some((each) => each.code[target][0] === 200), target);
  }
});

test('one policy for several requests names each table once, and says which requests it leaves out', () => {
  const read = (table) => `{"operation": "read", "tableName": "${table}", "payload": {"Key": {"id": "1"}}}`;
  const answer = JSON.parse(iam(JSON.stringify([read('people'), '{', read('people'), read('orders')]), '{}'));
  assert.deepEqual(answer.refused, [1]);
  const [statement] = answer.iam.Statement;
  assert.deepEqual(statement.Resource.map((arn) => arn.split('/')[1]), ['orders', 'people']);
});

test('what is no question is answered all the same', () => {
  assert.equal(iam('no array', '{}'), '{}');
  assert.equal(iam('[]', 'no context'), '{}');
  assert.deepEqual(JSON.parse(iam('[5, null]', '{}')).refused, [0, 1]);
  assert.equal(explain('{', '{}'), '{}');
  assert.equal(preview('{', 'no context').status, 400);
  assert.equal(code('{}', '{}', 'cobol', ENDPOINT).status, 400);
  assert.match(code('{"operation": "ping"}', '{}', 'cobol', ENDPOINT).body, /one of curl, .*but found cobol/);
});

test('question after question is answered in the same memory', () => {
  const items = Array.from({ length: 2000 }, (_, id) => ({ id: String(id), text: 'x'.repeat(100) }));
  const request = JSON.stringify({ operation: 'create', tableName: 'people', payload: { Item: { id: '1', items } } });
  const first = preview(request, '{}').body;
  const before = memory();
  for (let round = 0; round < 200; round += 1) assert.equal(preview(request, '{}').body, first);
  assert.equal(memory(), before);
});

for (const [name, open, close] of [
  ['arrays', '[', ''],
  ['objects', '{"a":', ''],
  ['closed arrays', '[', ']'],
]) {
  test(`200,000 nested ${name} are an error, not a stack overflow`, () => {
    const { status, body } = preview(open.repeat(200_000) + close.repeat(200_000), '{}');
    assert.equal(status, 400);
    assert.equal(JSON.parse(body).__type, 'SerializationException');
  });
}

test('a page loads it by its address, whatever type the server gives it, and is told when it is not there', async () => {
  const server = createServer((request, response) => {
    response.statusCode = request.url === '/planner.wasm' ? 200 : 404;
    response.end(bytes);
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  const address = (path) => new URL(path, `http://127.0.0.1:${server.address().port}`);
  try {
    await assert.rejects(init({ module_or_path: address('/gone.wasm') }), /expected the planner at .*, but found status 404/);
    await init({ module_or_path: address('/planner.wasm') });
    assert.match(version(), /^\d+\.\d+\.\d+$/);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('the wasm imports nothing', () => {
  assert.deepEqual(WebAssembly.Module.imports(wasm), []);
});
