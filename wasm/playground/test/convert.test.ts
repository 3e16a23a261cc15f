// convert.test.ts: turns requests into proof that both notations mean the same to the planner, and that no character is lost.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { convert, convertItem, notationOf, positionAfter, type Converted } from '../src/lib/convert.ts';
import { prettyText } from '../src/lib/pretty.ts';
import { corpus, isPlan, plan, seeded } from './planner.ts';

function textOf(converted: Converted): string {
  assert.ok('text' in converted, JSON.stringify(converted));
  return converted.text;
}

/** A plain request; its DynamoDB JSON must be `typed`, and come back as it was. */
function check(plain: string, typed: string): void {
  assert.equal(textOf(convert(plain, 'dynamodb')), typed);
  assert.equal(textOf(convert(typed, 'plain')), plain);
}

test('every type goes over and comes back as written', () => {
  check(
    String.raw`{"operation": "create", "tableName": "t", "payload": {"Item": {
  "s": "a\u0062\/", "n": 12345678901234567890.10, "e": 1E+2, "x": {"$n": "+.5"}, "t": true, "z": null,
  "b": {"$b": "YQ=="}, "ss": {"$ss": ["a", "b"]}, "ns": {"$ns": [1, 2.50, "+3"]}, "bs": { "$bs" : ["YQ=="] },
  "l": ["a", [1]], "m": {"a": {}, "__proto__": 1}, "tag": {"$m": {"$ss": ["a"]}}, "S": {"S": "x"}
}}}`,
    String.raw`{"operation": "create", "tableName": "t", "payload": {"Item": {
  "s": {"S": "a\u0062\/"}, "n": {"N": "12345678901234567890.10"}, "e": {"N": "1E+2"}, "x": {"N": "+.5"}, "t": {"BOOL": true}, "z": {"NULL": true},
  "b": {"B": "YQ=="}, "ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "2.50", "+3"]}, "bs": { "BS" : ["YQ=="] },
  "l": {"L": [{"S": "a"}, {"L": [{"N": "1"}]}]}, "m": {"M": {"a": {"M": {}}, "__proto__": {"N": "1"}}}, "tag": {"M": {"$ss": {"L": [{"S": "a"}]}}}, "S": {"M": {"S": {"S": "x"}}}
}}, "options": {"format": "dynamodb"}}`,
  );
});

test('the option is set where there is room, and goes again', () => {
  check('{"operation":"list","tableName":"t"}', '{"operation":"list","tableName":"t","options":{"format":"dynamodb"}}');
  check(
    '{\n  "operation": "list",\n  "options": {"all": true},\n  "tableName": "t"\n}',
    '{\n  "operation": "list",\n  "options": {"all": true, "format": "dynamodb"},\n  "tableName": "t"\n}',
  );
  check(
    '{\n  "operation": "list",\n  "tableName": "t"\n}',
    '{\n  "operation": "list",\n  "tableName": "t",\n  "options": {"format": "dynamodb"}\n}',
  );
  const spoken = '{"operation": "list", "options": {"format": "plain"}}';
  assert.equal(textOf(convert(spoken, 'dynamodb')), '{"operation": "list", "options": {"format": "dynamodb"}}');
  assert.equal(notationOf(textOf(convert(spoken, 'dynamodb'))), 'dynamodb');
  assert.equal(textOf(convert('{"options": {"format": "dynamodb"}, "operation": "list"}', 'plain')), '{"operation": "list"}');
});

test('what is no attribute value stays', () => {
  check(
    '{"operation":"list","tableName":"t","payload":{"Limit":2,"ExclusiveStartKey":{"id":1},"ExpressionAttributeNames":{"#n":"n"}},"options":{"continuation":[{"after":{"id":"1"}},{"done":true},{}]}}',
    '{"operation":"list","tableName":"t","payload":{"Limit":2,"ExclusiveStartKey":{"id":{"N":"1"}},"ExpressionAttributeNames":{"#n":"n"}},"options":{"continuation":[{"after":{"id":{"S":"1"}}},{"done":true},{}],"format":"dynamodb"}}',
  );
  for (const text of ['{"operation":"echo","payload":{"S":1}}', '{"operation":"ping"}']) {
    assert.equal(textOf(convert(text, 'dynamodb')), text);
  }
});

test('brackets on lines of their own go with their lines', () => {
  const spread = `{
  "operation": "read", "tableName": "t",
  "payload": {
    "Key": {
      "id": {
        "S": "1"
      },
      "m": {
        "M": {
          "set": {
            "SS": [
              "a"
            ]
          },
          "n": null
        }
      }
    }
  },
  "options": {
    "format": "dynamodb"
  }
}`;
  const plain = `{
  "operation": "read", "tableName": "t",
  "payload": {
    "Key": {
      "id": "1",
      "m": {
        "set": {
          "$ss": [
            "a"
          ]
        }
      }
    }
  }
}`;
  assert.equal(textOf(convert(spread.replace(',\n          "n": null', ''), 'plain')), plain);
  assert.deepEqual(convert(spread, 'plain'), {
    fault: 'Expected a value in DynamoDB JSON, an object with one type, such as {"S": "x"}.',
    at: { start: spread.indexOf('null'), end: spread.indexOf('null') + 4 },
  });
});

test('what cannot be said is a fault at its place', () => {
  const fault = (value: string, to: 'plain' | 'dynamodb') => {
    const text = `{"operation":"read","payload":{"Key":{"id":${value}}}${to === 'plain' ? ',"options":{"format":"dynamodb"}' : ''}}`;
    const converted = convert(text, to);
    assert.ok('fault' in converted && converted.at, `${value}: ${JSON.stringify(converted)}`);
    return text.slice(converted.at.start, converted.at.end);
  };
  assert.equal(fault('{"$ss":[1]}', 'dynamodb'), '{"$ss":[1]}');
  assert.equal(fault('{"$n":true}', 'dynamodb'), '{"$n":true}');
  assert.equal(fault('{"$m":[]}', 'dynamodb'), '{"$m":[]}');
  assert.equal(fault('"x"', 'plain'), '"x"');
  assert.equal(fault('{"S":"x","N":"1"}', 'plain'), '{"S":"x","N":"1"}');
  assert.equal(fault('{"NS":[1]}', 'plain'), '[1]');
  assert.equal(fault('{"NULL":false}', 'plain'), 'false');
  for (const text of ['', '[]', '{"operation": 1}', '{"operation": "toString"}', '{"operation": "put"}', '['.repeat(200_000)]) {
    assert.ok('fault' in convert(text, 'dynamodb'), text.slice(0, 30));
  }
});

test('an item alone', () => {
  assert.equal(textOf(convertItem('{"id": "1", "n": [2]}', 'dynamodb')), '{"id": {"S": "1"}, "n": {"L": [{"N": "2"}]}}');
  assert.equal(textOf(convertItem('{"id": {"S": "1"}, "b": {"BOOL": "Yes", "N": null}}', 'plain')), '{"id": "1", "b": true}');
  assert.ok('fault' in convertItem('["a"]', 'dynamodb'));
});

test('the cursor stays where it was', () => {
  const plain = '{"operation": "read", "tableName": "t", "payload": {"Key": {"a": {"b": ["x", 12]}, "c": "y"}}}';
  const converted = convert(plain, 'dynamodb');
  assert.ok('text' in converted);
  const typed = converted.text;
  const back = convert(typed, 'plain');
  assert.ok('text' in back);
  for (const piece of ['read', 'Key', 'a"', 'b"', 'x', '12', '2', 'c"', 'y"', '}}}']) {
    const [before, after] = [plain.indexOf(piece), typed.lastIndexOf(piece)];
    const expected = piece === '}}}' ? typed.indexOf('}}, "options"') : piece.length === 1 ? after : typed.indexOf(piece);
    assert.equal(positionAfter(converted.edits, before), expected, piece);
    if (piece !== '}}}') assert.equal(positionAfter(back.edits, expected), before, piece);
  }
});

test('700 KB go over and back in a moment', () => {
  const value = '{"a":"x","n":[1,2.50],"s":{"$ss":["a"]},"m":{"b":{"$m":{"$n":null}}}}';
  const items = Array.from({ length: 10_000 }, () => value).join(',');
  for (const text of [`{"operation":"batchWrite","tableName":"t","payload":{"Put":[${items}]}}`, `{"operation":"create","payload":{"Item":{"a":${'[{"b":'.repeat(120)}1${'}]'.repeat(120)},\n"l":[${items}]}}}`]) {
    const started = performance.now();
    assert.equal(textOf(convert(textOf(convert(text, 'dynamodb')), 'plain')), text);
    const ms = performance.now() - started;
    assert.ok(ms < 5000, `${ms} ms`);
  }
});

/** Plans both notations of a request that is not refused, and the way back. */
function law(name: string, request: string): boolean {
  const planned = plan(request);
  if (!isPlan(planned)) {
    // It is converted, or has a fault; nothing is thrown.
    convert(request, 'dynamodb');
    convert(request, 'plain');
    return false;
  }
  const typed = textOf(convert(request, 'dynamodb'));
  assert.equal(plan(typed), planned, `${name}: ${typed}`);
  const plain = textOf(convert(typed, 'plain'));
  assert.equal(plan(plain), planned, `${name}: ${plain}`);
  // Both are now what convert writes, and so come back to the letter.
  assert.equal(textOf(convert(textOf(convert(plain, 'dynamodb')), 'plain')), plain, name);
  const again = textOf(convert(plain, 'dynamodb'));
  assert.equal(textOf(convert(textOf(convert(again, 'plain')), 'dynamodb')), again, name);
  return true;
}

test('every request of the corpus plans the same in both notations', () => {
  const cases = corpus();
  let planned = 0;
  for (const { name, request } of cases) {
    for (const text of [request, prettyText(request) ?? request]) planned += Number(law(name, text));
  }
  assert.ok(planned > 300, `${planned} of ${cases.length}`);
});

test('seeded requests plan the same in both notations, and come back to the letter', () => {
  const random = seeded(20261122);
  const pick = <T>(of: readonly T[]): T => of[random(of.length)] as T;
  const space = () => pick(['', '', ' ', '\n  ', '\t']);
  const digits = (most: number) => Array.from({ length: 1 + random(most) }, () => random(10)).join('').replace(/^0+(?=\d)/, '');
  const number = () => pick([digits(38), `-${digits(20)}.${digits(17)}`, `${digits(9)}e${random(90)}`, `1E+${random(100)}`, `0.${digits(9)}E-${random(90)}`]);
  const odd = () => pick(['+5', '.5', '007', '-.5', '5.', '+0.10']);
  const string = () =>
    Array.from({ length: random(6) }, () => pick(['a', 'é', '😀', String.raw`\u0041`, String.raw`\/`, String.raw`\"`, String.raw`\ud83d\ude00`, '{', '$n', String.raw`\n`, '\u202e', String.raw`\": \"`])).join('');
  const names = ['id', '__proto__', 'constructor', 'S', 'M', '$ss', '$m', '$n', 'a b', 'é', String.raw`\u0024ns`, 'Key', 'options', 'toString', 'N'];
  const distinct = (make: () => string, most: number) => [...new Set(Array.from({ length: 1 + random(most) }, make))];
  const list = (items: string[]) => `[${space()}${items.join(`,${space()}`)}${space()}]`;
  const one = (name: string, value: string) => `{"${name}":${space()}${value}}`;
  const TAGS = ['$ss', '$ns', '$bs', '$b', '$n', '$m', String.raw`\u0024ns`];
  const members = (depth: number, least = 0): { text: string; names: string[] } => {
    const used = distinct(() => pick(names), 4).slice(0, least + random(4)).filter((name, at, all) => all.indexOf(name) === at && !(name === String.raw`\u0024ns` && all.includes('$ns')));
    return { names: used, text: `{${space()}${used.map((name) => `"${name}":${space()}${value(depth)}`).join(`,${space()}`)}${space()}}` };
  };
  const value = (depth: number): string => {
    const kind = random(depth > 5 ? 8 : 11);
    if (kind === 0) return `"${string()}"`;
    if (kind === 1) return number();
    if (kind === 2) return pick(['true', 'false', 'null']);
    if (kind === 3) return one('$n', `"${odd()}"`);
    if (kind === 4) return one('$b', pick(['""', '"YQ=="', '"/+8="']));
    if (kind === 5) return one('$ss', list(distinct(() => `"x${random(99)}${pick(['', '\\n', 'é'])}"`, 4)));
    if (kind === 6) return one('$ns', list(distinct(() => String(1 + random(99)), 4).map((each) => pick([each, `${each}.0`, `"+${each}"`]))));
    if (kind === 7) return one('$bs', list(distinct(() => pick(['"YQ=="', '"Yg=="', '"/w=="']), 3)));
    if (kind === 8) return list(Array.from({ length: random(4) }, () => value(depth + 1)));
    const map = members(depth + 1);
    return map.names.length === 1 && TAGS.includes(map.names[0] ?? '') ? one('$m', map.text) : map.text;
  };
  // A number of the form `"+5"` comes back as it was, for JSON has no such number; so this text is what convert writes.
  for (let round = 0; round < 1500; round++) {
    const item = members(0, 1).text;
    const shape = random(4);
    const request =
      shape === 0
        ? `{"operation": "create", "tableName": "things", "payload": {"Item": ${item}}}`
        : shape === 1
          ? `{"operation":"batchWrite","payload":{"RequestItems":{"things":[{"PutRequest":{"Item":${item}}}]}}}`
          : shape === 2
            ? `{"operation": "update", "tableName": "things", "payload": {"Key": {"id": "1"}, "AttributeUpdates": {"a": {"Value": ${value(0)}}}, "Expected": {"b": {"ComparisonOperator": "NE", "AttributeValueList": [${number()}]}}}}`
            : `{"operation":"transactWrite","payload":{"TransactItems":[{"Put":{"TableName":"things","Item":${item}}}]},"options":{"idempotencyKey":"a"}}`;
    assert.ok(law(`round ${round}`, request), `${plan(request)} ${request}`);
    assert.equal(textOf(convert(textOf(convert(request, 'dynamodb')), 'plain')), request, `round ${round}`);
  }
});
