// replay.mjs: turns the corpus, as JSON lines from `cargo run -p gateleg-core --example cases`, into proof that wasm built as the
// page's answers every case with the same bytes as the native planner. Needs the package that `cargo xtask test replay` builds.
//
//     cargo run --quiet -p gateleg-core --example cases > cases.jsonl
//     node wasm/replay.mjs cases.jsonl FOLDER_OF_THE_PACKAGE

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

const [path, folder] = process.argv.slice(2);
if (!folder) throw new Error('expected the file of cases and the folder of the package; see the head of this file');
const cases = readFileSync(path, 'utf8').split('\n').filter(Boolean).map((line) => JSON.parse(line));

const { initSync, Session } = await import(pathToFileURL(resolve(folder, 'gateleg_wasm.js')).href);
const wasm = new WebAssembly.Module(readFileSync(resolve(folder, 'gateleg_wasm_bg.wasm')));
initSync({ module: wasm });

/** A step, in the words of the cases. */
function told(step) {
  switch (step.kind) {
    case 'send': {
      const dispatch = (_, index) => ({
        ticket: step.ticket(index),
        attempt: step.attempt(index),
        command: step.command(index),
      });
      return { send: Array.from({ length: step.count }, dispatch) };
    }
    case 'wait':
      return { wait: true };
    case 'done': {
      const error = step.error === undefined ? null : JSON.parse(step.error);
      const body = Buffer.from(step.body).toString('base64');
      return { done: { status: step.status, headers: JSON.parse(step.headers), error, body } };
    }
    default:
      throw new Error(`expected the step "send", "wait" or "done", but found ${step.kind}`);
  }
}

/** What a planner that was told `event` answers. */
function happen(session, event) {
  if (event.expire) return told(session.expire());
  const { ticket, outcome } = event.receive;
  let step;
  try {
    step = session.resume(ticket, outcome);
  } catch (error) {
    // Only what the planner itself says is an answer; a trap is a WebAssembly.RuntimeError.
    if (error.constructor !== Error) throw error;
    return { misuse: error.message };
  }
  return told(step);
}

/** Base64 hides what differs; a person wants to read it. */
function readable(expectation) {
  if (!expectation.done) return expectation;
  return { done: { ...expectation.done, text: Buffer.from(expectation.done.body, 'base64').toString() } };
}

for (const { file, case: name, request, context, script } of cases) {
  test(`${file}: ${name}`, () => {
    const session = Session.open(Buffer.from(request, 'base64'), context);
    try {
      let actual = told(session.first());
      for (const entry of script) {
        if (entry.expect) assert.deepEqual(readable(actual), readable(entry.expect));
        else actual = happen(session, entry);
      }
    } finally {
      session.free();
    }
  });
}

test('there are cases to replay', () => {
  assert.ok(cases.length >= 20, `expected the corpus, but found ${cases.length} cases`);
});

for (const [name, before, after] of [
  ['arrays', '['.repeat(200_000), ''],
  ['closed arrays', '['.repeat(200_000), ']'.repeat(200_000)],
  ['objects', '{"a":'.repeat(200_000), ''],
  ['arrays in a payload', `{"operation":"echo","payload":${'['.repeat(200_000)}`, `${']'.repeat(200_000)}}`],
]) {
  test(`200,000 nested ${name} are an error, not a stack overflow`, () => {
    const session = Session.open(Buffer.from(before + after), '{"requestId":"r-1"}');
    const { done } = told(session.first());
    session.free();
    assert.equal(done.status, 400);
    assert.equal(JSON.parse(Buffer.from(done.body, 'base64')).__type, 'SerializationException');
  });
}

test('the wasm imports nothing but its own glue', () => {
  const modules = new Set(WebAssembly.Module.imports(wasm).map((each) => each.module));
  assert.deepEqual([...modules], ['./gateleg_wasm_bg.js']);
});
