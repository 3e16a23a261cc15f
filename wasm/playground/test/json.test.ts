// json.test.ts: turns JSON texts into proof that the page shows them to the digit, and finds places in them.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from '../src/lib/json.ts';
import { lineAndColumn, place, placeAt } from '../src/lib/place.ts';
import { pretty, prettyText } from '../src/lib/pretty.ts';

/** Lays `text` out; every token must come through as written, and a second pass must change nothing. */
function check(text: string, expected: string): void {
  assert.equal(prettyText(text), expected);
  assert.equal(prettyText(expected), expected);
}

test('numbers keep every digit, zero and exponent', () => {
  const text = '[12345678901234567890123456789.10,-0,1.50,1E+30,1e-130,0.1e5]';
  check(text, '[12345678901234567890123456789.10, -0, 1.50, 1E+30, 1e-130, 0.1e5]');
});

test('strings keep their escapes', () => {
  const text = String.raw`{"\u0061\/":"\ud83d\ude00 \n é 😀"}`;
  check(text, String.raw`{"\u0061\/": "\ud83d\ude00 \n é 😀"}`);
});

test('tokens come through in order, repeated keys too', () => {
  const text = '{"a":1,"a":[{},[],true,false,null,{"b":[[1]]}],"__proto__":2}';
  const tokens = pretty(text)?.filter((piece) => piece.kind !== 'space');
  assert.equal(tokens?.map((piece) => piece.text).join(''), text);
});

test('a short object of scalars stays on its line, others open up', () => {
  check('{"S":"1"}', '{"S": "1"}');
  check('{"TableName":"t","Key":{"id":{"S":"1"}}}', '{\n  "TableName": "t",\n  "Key": {"id": {"S": "1"}}\n}');
  check('{"Item":{"id":{"S":"1"},"n":{"N":"5"}}}', '{\n  "Item": {\n    "id": {"S": "1"},\n    "n": {"N": "5"}\n  }\n}');
  check('{"a":{},"b":[]}', '{"a": {}, "b": []}');
  check(' \r\n\t"x" ', '"x"');
});

test('long lines are broken', () => {
  const long = `"${'x'.repeat(40)}"`;
  check(`[${long},${long}]`, `[\n  ${long},\n  ${long}\n]`);
});

test('a narrow page breaks lines sooner', () => {
  assert.equal(prettyText('{"id":"1234ABCD","number":5}', 24), '{\n  "id": "1234ABCD",\n  "number": 5\n}');
});

test('what is not JSON is left alone, and the break is found', () => {
  const cases: [string, number][] = [
    ['', 0], ['{', 1], ['{"a" 1}', 5], ['{"a":}', 5], ['[1,]', 3], ['{"a":1,}', 7], ['01', 1], ['1.', 1], ['+1', 0],
    ['nul', 0], ['"a', 2], ['"\n"', 1], ['"\\x"', 1], ['"\\u12"', 1], ['[1] 2', 4], ['{a:1}', 1], ["{'a':1}", 1], ['NaN', 0],
    ['\ufeff{}', 0],
  ];
  for (const [text, brokenAt] of cases) {
    assert.deepEqual(parse(text), { brokenAt }, JSON.stringify(text));
    assert.equal(pretty(text), undefined);
  }
});

test('200,000 open brackets are not JSON to us, and no stack overflows', () => {
  for (const open of ['[', '{"a":']) {
    const text = open.repeat(200_000);
    assert.ok('brokenAt' in parse(text));
    assert.equal(place(text, '/0/0'), undefined);
  }
});

test('what JSON.parse takes, we take', () => {
  const texts = ['0', '-0.0e-0', '"\u007f\u2028"', '[[],{}]', '{"":{"":[]}}', ' true ', '"\\ud800"'];
  for (const text of texts) {
    const laidOut = prettyText(text) ?? '';
    assert.deepEqual(JSON.parse(laidOut), JSON.parse(text));
  }
});

const REQUEST = String.raw`{
  "operation": "update",
  "payload": {
    "item": {"id": "1", "a/b": [10, {"~": 2.0}]},
    "UpdateExpression": "SET \u0061 = \ud83d\ude00\n😀x",
    "k": 1, "k": 2,
    "long": {
      "x": 1
    }
  }
}`;

/** The piece of REQUEST that a pointer and a span underline. */
function underlined(path: string, span?: [number, number]): string | undefined {
  const range = place(REQUEST, path, span);
  return range && REQUEST.slice(range.start, range.end);
}

test('a pointer leads to the member it names', () => {
  assert.equal(underlined('/operation'), '"operation": "update"');
  assert.equal(underlined('/payload/item/id'), '"id": "1"');
  assert.equal(underlined('/payload/item/a~1b/1/~0'), '"~": 2.0');
  assert.equal(underlined('/payload/item/a~1b/0'), '10');
  assert.equal(underlined('/payload/k'), '"k": 2');
});

test('an object or a list is underlined by its key or bracket', () => {
  assert.equal(underlined('/payload/long'), '"long"');
  assert.equal(underlined('/payload/item/a~1b'), '"a/b"');
  assert.equal(underlined('/payload/item/a~1b/1'), '{');
  assert.equal(underlined(''), '{');
});

test('a pointer to nothing underlines nothing', () => {
  for (const path of ['/payload/Item', '/payload/item/a~1b/2', '/payload/item/a~1b/01', '/operation/x', 'payload', '/']) {
    assert.equal(underlined(path), undefined, path);
  }
});

test('a span counts scalar values, whether escaped or not', () => {
  assert.equal(underlined('/payload/UpdateExpression', [0, 3]), 'SET');
  assert.equal(underlined('/payload/UpdateExpression', [4, 5]), '\\u0061');
  assert.equal(underlined('/payload/UpdateExpression', [8, 9]), '\\ud83d\\ude00');
  assert.equal(underlined('/payload/UpdateExpression', [9, 10]), '\\n');
  assert.equal(underlined('/payload/UpdateExpression', [10, 12]), '😀x');
  assert.equal(underlined('/payload/UpdateExpression', [11, 99]), 'x');
  assert.equal(underlined('/payload/UpdateExpression', [99, 120]), '');
});

test('a line and a column are a place, and the end is its last character', () => {
  assert.deepEqual(placeAt('{"a": 1,}\n', 1, 9), { start: 8, end: 9 });
  assert.deepEqual(placeAt('{\n"é😀😀": }', 2, 4), { start: 6, end: 8 });
  assert.deepEqual(placeAt('{"a": \n\n', 3, 1), { start: 4, end: 5 });
  assert.deepEqual(placeAt('', 1, 1), { start: 0, end: 0 });
  assert.equal(placeAt('{}', 2, 1), undefined);
  assert.deepEqual(lineAndColumn('{\n  "a"', 4), { line: 2, column: 3 });
});
