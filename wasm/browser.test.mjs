// browser.test.mjs: turns the same cases as replay.mjs into proof that the page's own wasm, as small as it is made, answers with the
// same bytes as core does natively: a preview, code for every target, an explanation and a policy, each for a request of which no
// context is known. What a context changes is replay.mjs's to prove. Needs the package that `cargo xtask wasm` builds.
//
//     cargo run --quiet -p gateleg-core --example cases > cases.jsonl
//     node wasm/browser.test.mjs cases.jsonl

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import * as planner from './playground/src/wasm/gateleg_wasm.js';

const path = process.argv[2];
if (!path) throw new Error('expected the file of cases as the argument, but found none; see the head of this file');
const lines = readFileSync(path, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));

const bytes = readFileSync(new URL('playground/src/wasm/gateleg_wasm_bg.wasm', import.meta.url));
const wasm = new WebAssembly.Module(bytes);
const { memory } = planner.initSync({ module: wasm });

const ENDPOINT = 'http://127.0.0.1:8080/dynamodbmanager';

/** A page has its requests as text: what is not UTF-8 never gets that far. */
const cases = lines.flatMap((line) => {
  const bytes = Buffer.from(line.request, 'base64');
  const request = bytes.toString();
  return Buffer.from(request).equals(bytes) ? [{ ...line, request }] : [];
});

/** Every question as the page asks it: with the heap emptied before. */
const asked = (name) => (...texts) => (planner.forget(), planner[name](...texts));
const [preview, code, explain, iam, version] = ['preview', 'code', 'explain', 'iam', 'version'].map(asked);

/** Status and body of an answer that may be a refusal. */
function told(answer) {
  const end = answer.indexOf('\n');
  return [Number(answer.slice(0, end)), answer.slice(end + 1)];
}

for (const { file, case: name, request, ...native } of cases) {
  test(`${file}: ${name}`, () => {
    assert.deepEqual(told(preview(request)), native.preview);
    for (const [target, answer] of Object.entries(native.code)) {
      assert.deepEqual(told(code(request, target, ENDPOINT)), answer, target);
    }
    assert.equal(explain(request), native.explain);
    assert.equal(iam(JSON.stringify([request])), native.iam);
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
  const answer = JSON.parse(iam(JSON.stringify([read('people'), '{', read('people'), read('orders')])));
  assert.deepEqual(answer.refused, [1]);
  const [statement] = answer.iam.Statement;
  assert.deepEqual(statement.Resource.map((arn) => arn.split('/')[1]), ['orders', 'people']);
});

test('what is no question is answered all the same', () => {
  assert.equal(iam('no array'), '{}');
  assert.deepEqual(JSON.parse(iam('[5, null]')).refused, [0, 1]);
  assert.equal(explain('{'), '{}');
  assert.equal(told(preview('{'))[0], 400);
  assert.equal(told(code('{}', 'cobol', ENDPOINT))[0], 400);
  assert.match(code('{"operation": "ping"}', 'cobol', ENDPOINT), /one of curl, .*but found cobol/);
  assert.match(version(), /^\d+\.\d+\.\d+$/);
});

test('question after question is answered in the same memory', () => {
  const items = Array.from({ length: 2000 }, (_, id) => ({ id: String(id), text: 'x'.repeat(100) }));
  const request = JSON.stringify({ operation: 'create', tableName: 'people', payload: { Item: { id: '1', items } } });
  const first = preview(request);
  const before = memory.buffer.byteLength;
  for (let round = 0; round < 200; round += 1) assert.equal(preview(request), first);
  assert.equal(memory.buffer.byteLength, before);
});

test('answers are texts of their own: the next question changes none of them, and emptying the heap is never needed', () => {
  const ping = '{"operation": "ping", "payload": "\u00fc\u20ac\u{1f600}"}';
  const expected = preview(ping);
  const kept = Array.from({ length: 50 }, () => planner.preview(ping));
  explain('{"operation": "list", "tableName": "people"}');
  planner.forget();
  planner.forget();
  assert.deepEqual(new Set(kept), new Set([expected]));
});

for (const [name, open, close] of [
  ['arrays', '[', ''],
  ['objects', '{"a":', ''],
  ['closed arrays', '[', ']'],
]) {
  test(`200,000 nested ${name} are an error, not a stack overflow`, () => {
    const [status, body] = told(preview(open.repeat(200_000) + close.repeat(200_000)));
    assert.equal(status, 400);
    assert.equal(JSON.parse(body).__type, 'SerializationException');
  });
}

test('the wasm imports nothing but its own glue, and no object of JavaScript crosses', () => {
  const imports = WebAssembly.Module.imports(wasm).map(({ module, name }) => `${module} ${name}`);
  assert.deepEqual(imports, ['./gateleg_wasm_bg.js __wbindgen_init_externref_table']);
  assert.ok(!WebAssembly.Module.exports(wasm).some(({ name }) => /externref_table_alloc|drop_slice/.test(name)));
});
