// form.test.ts: turns edits of the form's parts into proof that the text keeps all that an edit does not name.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { printGroup, printPath, printUpdate, readCondition, readPath, readProjection, readUpdate, repath, showPath, type Condition, type Group, type Pen } from '../src/lib/formexpression.ts';
import { scopeOf, setExpression } from '../src/lib/formscope.ts';
import { setFormat, switchOperation, type Memory } from '../src/lib/formswitch.ts';
import type { Notation, Type } from '../src/lib/convert.ts';
import { add, drop, get, partsOf, rename, setObject, splice, textOf } from '../src/lib/formtext.ts';
import { hold, refill, retext, retype, shown, write } from '../src/lib/formvalue.ts';

/** A seeded source of choices: a failure names the seed that replays it. */
function chance(seed: number) {
  let state = seed * 2654435761 + 1;
  const below = (limit: number) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % limit;
  };
  return { below, one: <T>(of: readonly T[]): T => of[below(of.length)] as T };
}
type Chance = ReturnType<typeof chance>;

const NAMES = ['id', 'status', '__proto__', 'a.b', 'x/y', '~', '', 'address', 'é😀', 'with space', '"q"', 'toString'];
const SCALARS = ['1', '12345678901234567890.10', '-0.50e+3', 'true', 'null', '"a"', '"\\u0061\\n"', '{"$n": "+.5"}', '{"$ss":["a"]}', '{"$ns":[1,"2"]}'];

function randomJson({ below, one }: Chance, depth: number): string {
  const space = () => one(['', '', ' ', '\n', '\t ', '\n    ']);
  const many = Array.from({ length: 1 + below(4) });
  const inside = (each: () => string) => many.map(() => space() + each() + space()).join(',');
  const next = () => randomJson({ below, one }, depth - 1);
  switch (depth > 0 ? below(4) : 3) {
    case 0:
    case 1:
      return `{${inside(() => `${JSON.stringify(one(NAMES))}${space()}:${space()}${next()}`)}}`;
    case 2:
      return `[${inside(next)}]`;
    default:
      return one(SCALARS);
  }
}

/** An edit somewhere in the text, and the edit that takes it back. */
function editAndUndo(source: string, pick: Chance): string {
  const parts = partsOf(source);
  const part = parts.length > 0 ? pick.one(parts) : undefined;
  const index = part ? parts.indexOf(part) : -1;
  const again = (made: string) => partsOf(made)[index] ?? assert.fail(made);
  if (part && pick.below(3) > 0 && part.source.length > 2) return splice(source, part, editAndUndo(part.source, pick));
  if (!part) return source;
  switch (pick.below(4)) {
    case 0: {
      const made = add(source, pick.one(NAMES), pick.one(SCALARS));
      return drop(made, partsOf(made).at(-1) ?? assert.fail());
    }
    case 1: {
      if (!part.key || JSON.stringify(part.name) !== source.slice(part.key.start, part.key.end)) return source;
      const made = rename(source, part, pick.one(NAMES));
      return rename(made, again(made), part.name);
    }
    case 2: {
      const made = splice(source, part, '"other"');
      return splice(made, again(made), part.source);
    }
    default: {
      const held = hold(part.source, 'plain');
      if (!held || !'SN'.includes(held.type) || !/^(?:"a"|[-\d].*)$/.test(part.source)) return source;
      const made = retext(part.source, held, 'plain', `${shown(held.inner)}1.x`);
      return splice(source, part, retext(made, hold(made, 'plain') ?? assert.fail(made), 'plain', shown(held.inner)));
    }
  }
}

test('an edit that is taken back leaves the text as it was, to the letter', () => {
  for (let seed = 1; seed <= 3000; seed += 1) {
    const pick = chance(seed);
    const source = randomJson(pick, 4);
    for (let count = 0; count < 4; count += 1) assert.equal(editAndUndo(source, pick), source, `seed ${seed}`);
  }
});

test('an edit changes its own part and nothing beside it', () => {
  for (let seed = 1; seed <= 2000; seed += 1) {
    const pick = chance(seed);
    const source = randomJson(pick, 3);
    const parts = partsOf(source);
    if (parts.length === 0) continue;
    const part = pick.one(parts);
    const others = (made: string) => partsOf(made).map((each) => `${each.name}=${each.source}`);
    const rest = others(source).toSpliced(parts.indexOf(part), 1);
    const isList = source.startsWith('[');
    const names = (list: string[]) => (isList ? list.map((each) => each.replace(/^\d+/, '')) : list);
    assert.deepEqual(names(others(drop(source, part))), names(rest), `seed ${seed}`);
    assert.deepEqual(names(others(splice(source, part, '0')).toSpliced(parts.indexOf(part), 1)), names(rest), `seed ${seed}`);
    assert.deepEqual(names(others(add(source, 'new', '0')).slice(0, -1)), names(others(source)), `seed ${seed}`);
  }
});

test('values are read in both notations, and said to be of their type', () => {
  const check = (source: string, notation: Notation, type: Type | undefined, inner?: string) => {
    const held = hold(source, notation);
    assert.deepEqual([held?.type, held?.inner], [type, inner], source);
  };
  check('"x"', 'plain', 'S', '"x"');
  check('1.50', 'plain', 'N', '1.50');
  check('{"$n": "+.5"}', 'plain', 'N', '"+.5"');
  check('{"$ss": ["a"]}', 'plain', 'SS', '["a"]');
  check('{"$ns": [1, "2"]}', 'plain', 'NS', '[1, "2"]');
  check('{"$b": "aGk="}', 'plain', 'B', '"aGk="');
  check('{"$m": {"$ss": 1}}', 'plain', 'M', '{"$ss": 1}');
  check('{"$ss": [1]}', 'plain', undefined);
  check('{"S": "x"}', 'plain', 'M', '{"S": "x"}');
  check('{"S": "x"}', 'dynamodb', 'S', '"x"');
  check('{"N": "1.50"}', 'dynamodb', 'N', '"1.50"');
  check('{"M": {"a": {"S": "b"}}}', 'dynamodb', 'M', '{"a": {"S": "b"}}');
  check('{"NULL": true}', 'dynamodb', 'NULL', 'true');
  check('{"N": 1}', 'dynamodb', undefined);
  check('"x"', 'dynamodb', undefined);
});

test('a number is edited as text: in a tag while JSON has no word for it, and as it was tagged before', () => {
  const check = (source: string, text: string, made: string) => {
    assert.equal(retext(source, hold(source, 'plain') ?? assert.fail(), 'plain', text), made);
  };
  check('5', '12345678901234567890.10', '12345678901234567890.10');
  check('5', '-', '{"$n": "-"}');
  check('{"$n": "-"}', '-5', '-5');
  check('{"$n":"5"}', '6', '{"$n":"6"}');
  assert.equal(refill('{"a": 1}', hold('{"a": 1}', 'plain') ?? assert.fail(), 'plain', '{"$n": 1}'), '{"$m": {"$n": 1}}');
  assert.equal(write('NS', '[1, 2]', 'plain'), '{"$ns": [1, 2]}');
  assert.equal(write('NS', '["1"]', 'dynamodb'), '{"NS": ["1"]}');
  assert.equal(retype('"5"', 'plain', 'N'), '5');
  assert.equal(retype('"a"', 'plain', 'SS'), '{"$ss": ["a"]}');
  assert.equal(retype('{"$ss": ["a", "b"]}', 'plain', 'L'), '["a", "b"]');
  assert.equal(retype('["a", 1]', 'plain', 'SS'), '{"$ss": ["a", "1"]}');
});

test('the other notation and back is the same text', () => {
  const request = `{
  "operation": "update",
  "payload": {
    "Key": {"id": "1"},
    "UpdateExpression": "SET a = :a",
    "ExpressionAttributeValues": {":a": {"b": [12345678901234567890.10, null, {"$ns": [1, 2.50]}], "t": {"$m": {"$n": "x"}}}}
  }
}`;
  const typed = setFormat(request, 'dynamodb');
  assert.match(typed, /"Key": \{"id": \{"S": "1"\}\}/);
  assert.match(typed, /\{"N": "12345678901234567890.10"\}, \{"NULL": true\}, \{"NS": \["1", "2.50"\]\}/);
  assert.match(typed, /"t": \{"M": \{"\$n": \{"S": "x"\}\}\}/);
  assert.equal(setFormat(typed, undefined), request);
});

const PLAIN: Pen = { name: (step) => step.as ?? '?', value: ({ as }) => as ?? '?', raw: (text) => text };
const SCOPE = scopeOf(
  '{"ExpressionAttributeNames": {"#n": "a.b", "#status": "status", "#__proto__": "__proto__"}, "ExpressionAttributeValues": {":v": 1, ":w": {"$ss": ["x"]}}}',
);

test('an expression that was read is written as it was', () => {
  const condition = (text: string) => {
    const group = readCondition(text, SCOPE) ?? assert.fail(text);
    assert.equal(printGroup(group, PLAIN), text);
  };
  condition('#status = :v');
  condition('address.city <> :v AND tags[0] = :w AND size(tags) >= :v');
  condition('NOT contains(tags, :v) OR attribute_not_exists(#n.#status[1].b)');
  condition('(a = :v) AND NOT (b BETWEEN :v AND :w OR (c IN (:v, :w, d)))');
  condition('begins_with(#__proto__, :v) AND attribute_type(a, :v) AND a < b');
  const update = (text: string) => assert.equal(printUpdate(readUpdate(text, SCOPE) ?? assert.fail(text), PLAIN), text);
  update('SET a = :v, b.c = if_not_exists(b.c, :v), d = d + :v, e = e - :v REMOVE f, g[2] ADD h :v DELETE i :w');
  update('REMOVE a SET l = list_append(l, :w), m = list_append(:w, m), n = o');
  update('SET a = if_not_exists(a, :v) + :v, b = list_append(c, :w), #status = :v');
  const paths = readProjection('a, #n.c[0], d', SCOPE) ?? assert.fail();
  assert.equal(paths.map((path) => printPath(path, PLAIN)).join(', '), 'a, #n.c[0], d');
});

test('brackets that say nothing, which DynamoDB refuses, are not written', () => {
  const check = (text: string, made: string) => assert.equal(printGroup(readCondition(text, SCOPE) ?? assert.fail(text), PLAIN), made);
  check('((a = :v))', '(a = :v)');
  check('NOT ((a = :v AND b = :v)) OR c = :v', 'NOT (a = :v AND b = :v) OR c = :v');
  check('(NOT (a = :v))', '(NOT (a = :v))');
  check('((a = :v) AND b = :v)', '((a = :v) AND b = :v)');
});

test('what a builder does not know it leaves alone', () => {
  for (const text of ['', 'a =', 'a = :unknown', '#unknown = :v', ':v = a', 'a = :v AND', 'NOT NOT a = :v', 'a = :v; b', '(a) = :v', 'a == :v', 'a = size(b)']) {
    assert.equal(readCondition(text, SCOPE), undefined, text);
  }
  for (const text of ['SET', 'SET a', 'a = :v', 'SET a = :v,', 'SET a = :v SET b = :v', 'SET a = (b', 'ADD a b']) {
    const changes = readUpdate(text, SCOPE);
    assert.ok(changes === undefined || printUpdate(changes, PLAIN) === text, text);
  }
  assert.equal(readUpdate('SET a = if_not_exists(b, :v)', SCOPE)?.[0]?.act, 'RAW');
});

test('a path is read as it is shown, whatever the names', () => {
  for (const text of ['a', 'address.city', 'tags[0]', 'a[0][1].b', '"a.b".c', '"x""y"', 'with space.b', '__proto__', '" a"']) {
    assert.equal(showPath(readPath(text)), text, text);
  }
  for (const name of NAMES) for (const last of NAMES) {
    const path = [{ name }, { name: '3', index: true }, { name: last }];
    assert.deepEqual(readPath(showPath(path)), path);
  }
  assert.deepEqual(readPath('address.'), [{ name: 'address' }]);
});

/** A condition with one row, as a person adds it. */
const row = (path: string, value: string, op = '='): Condition => ({ not: false, op, path: readPath(path), args: [{ value }] });
const group = (...items: Condition[]): Group => ({ not: false, op: 'AND', items });
const conditions = (source: string, made: Group) =>
  setExpression(source, 'ConditionExpression', made.items.length > 0 ? (pen) => printGroup(made, pen) : undefined);

test('rows become an expression with placeholders that say what they are for', () => {
  let made = setExpression('{"Key": {"id": "1"}}', 'UpdateExpression', (pen) =>
    printUpdate([{ act: 'SET', clause: 'SET', path: readPath('address.city'), args: [{ value: '"Berlin"' }] }], pen),
  );
  made = conditions(made, group(row('status', '"active"'), row('version', '3'), row('status', '"old"', '<>')));
  assert.equal(
    made,
    '{"Key": {"id": "1"}, "UpdateExpression": "SET #address.#city = :city", ' +
      '"ExpressionAttributeNames": {"#address": "address", "#city": "city", "#status": "status", "#version": "version"}, ' +
      '"ExpressionAttributeValues": {":city": "Berlin", ":status": "active", ":version": 3, ":status2": "old"}, ' +
      '"ConditionExpression": "#status = :status AND #version = :version AND #status <> :status2"}',
  );
  // And all of it goes with the rows.
  const rest = setExpression(conditions(made, group()), 'UpdateExpression', undefined);
  assert.equal(rest, '{"Key": {"id": "1"}}');
});

test('a placeholder that another expression uses stays what it is', () => {
  const source = '{"UpdateExpression": "SET a = :v, #x = :w", "ConditionExpression": "#x = :v AND b = :b", "ExpressionAttributeNames": {"#x": "x"}, "ExpressionAttributeValues": {":v": 1.0, ":w": 2, ":b": 3}}';
  const read = readCondition('#x = :v AND b = :b', scopeOf(source)) ?? assert.fail();
  const [first, second] = read.items;
  if (!first || 'items' in first || !second || 'items' in second) assert.fail();
  const changed = conditions(source, { ...read, items: [{ ...first, args: [{ value: '9', as: ':v' }] }, second] });
  assert.equal(textOf(get(changed, 'ConditionExpression')), '#x = :x AND b = :b');
  assert.equal(get(changed, 'ExpressionAttributeValues'), '{":v": 1.0, ":w": 2, ":b": 3, ":x": 9}');
  const own = conditions(source, { ...read, items: [first, { ...second, args: [{ value: '4', as: ':b' }] }] });
  assert.equal(get(own, 'ExpressionAttributeValues'), '{":v": 1.0, ":w": 2, ":b": 4}');
  const gone = conditions(source, { ...read, items: [second] });
  assert.equal(get(gone, 'ExpressionAttributeNames'), '{"#x": "x"}');
  assert.equal(get(gone, 'ExpressionAttributeValues'), '{":v": 1.0, ":w": 2, ":b": 3}');
});

test('placeholders follow the name of an attribute as it is typed', () => {
  let source = '{"Key": {}}';
  for (const text of ['s', 'st', 'status', 'status.', 'status.now']) {
    const read = readCondition(textOf(get(source, 'ConditionExpression')) ?? '', scopeOf(source));
    const now = read?.items[0] ?? row('', '"v"');
    if ('items' in now) assert.fail();
    source = conditions(source, group(repath(now, readPath(text, now.path))));
  }
  assert.equal(
    source,
    '{"Key": {}, "ConditionExpression": "#status.#now = :now", "ExpressionAttributeNames": {"#status": "status", "#now": "now"}, "ExpressionAttributeValues": {":now": "v"}}',
  );
});

function randomCondition(pick: Chance, depth: number): Condition {
  const arg = () => (pick.below(4) === 0 ? { path: readPath(pick.one(['a', 'b[1].c'])) } : { value: pick.one(SCALARS) });
  const not = pick.below(4) === 0;
  if (depth > 0 && pick.below(3) === 0) {
    return { not, op: pick.one(['AND', 'OR']), items: Array.from({ length: 2 + pick.below(2) }, () => randomCondition(pick, depth - 1)) };
  }
  const [op, count] = pick.one([['=', 1], ['<>', 1], ['size >', 1], ['BETWEEN', 2], ['IN', 3], ['contains', 1], ['attribute_exists', 0]] as const);
  const names = pick.one(['status', 'a.b', '"x.y"', 'tags[0]', '__proto__', 'é', 'status2']);
  return { not, op, path: readPath(names), args: Array.from({ length: count }, arg) };
}

/** What a condition says, without how its placeholders are called. */
function meaning(item: Condition): unknown {
  if ('items' in item) return [item.not, item.items.length > 1 && item.op, item.items.map(meaning)];
  return [item.not, item.op, showPath(item.path), item.args.map((arg) => ('path' in arg ? showPath(arg.path) : [arg.value]))];
}

test('what the builder writes it reads as the same rows, and writes again to the letter', () => {
  for (let seed = 1; seed <= 3000; seed += 1) {
    const pick = chance(seed);
    const made: Group = { not: false, op: pick.one(['AND', 'OR']), items: Array.from({ length: 1 + pick.below(3) }, () => randomCondition(pick, 2)) };
    const before = '{"Key": {"id": 1}, "UpdateExpression": "SET #status = :status", "ExpressionAttributeNames": {"#status": "other"}, "ExpressionAttributeValues": {":status": 0}}';
    const source = conditions(before, made);
    const text = textOf(get(source, 'ConditionExpression')) ?? assert.fail();
    const read = readCondition(text, scopeOf(source)) ?? assert.fail(`seed ${seed}: ${text}`);
    assert.deepEqual(meaning(read), meaning(made), `seed ${seed}: ${text}`);
    assert.equal(conditions(source, read), source, `seed ${seed}`);
    assert.equal(conditions(source, group()), before, `seed ${seed}`);
  }
});

test('another operation keeps what it takes, sets the rest aside, and gives it back', () => {
  const create = '{\n  "operation": "create",\n  "tableName": "t",\n  "payload": {\n    "Item": {"id": "1", "n": 1.10}\n  }\n}';
  const nothing: Memory = { asides: [] };
  const update = switchOperation(create, 'update', nothing);
  assert.equal(update.text, create.replace('"create"', '"update"').replace('"Item": {"id": "1", "n": 1.10}', '"Key": {"id": "1"}'));
  assert.deepEqual(update.memory.asides.map(({ name, source }) => [name, source]), [['Item', '{"id": "1", "n": 1.10}']]);
  assert.equal(switchOperation(update.text, 'create', update.memory).text, create);

  // Changed in between, so that the way back is no longer to the letter: what was typed is still all there.
  const changed = setObject(update.text, 'payload', conditions(setExpression(get(update.text, 'payload') ?? '', 'UpdateExpression', (pen) =>
    printUpdate([{ act: 'SET', clause: 'SET', path: readPath('n'), args: [{ value: '2.50' }] }], pen)), group(row('status', '"x"'))));
  const back = switchOperation(changed, 'create', update.memory);
  assert.equal(get(get(back.text, 'payload') ?? '', 'Item'), '{"id": "1", "n": 1.10}');
  assert.equal(get(get(back.text, 'payload') ?? '', 'ExpressionAttributeValues'), '{":status": "x"}');
  const again = switchOperation(setObject(back.text, 'payload', add(get(back.text, 'payload') ?? '', 'ReturnValues', '"NONE"')), 'update', back.memory);
  const payload = get(again.text, 'payload') ?? '';
  assert.equal(textOf(get(payload, 'UpdateExpression')), 'SET #n = :n');
  assert.equal(get(payload, 'ExpressionAttributeValues'), '{":status": "x", ":n": 2.50}');
  assert.equal(get(payload, 'Key'), '{"id": "1"}');
});
