// library.test.ts: turns history and collections, a browser that is full, a second tab and hostile files into proof that nothing is lost.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chosen, libraryEntries, textOf } from '../src/lib/entries.ts';
import { Library, type Store } from '../src/lib/library.ts';
import { MOST_FILE_BYTES, readCollections } from '../src/lib/shelf.ts';

const EXACT = '{"n": 12345678901234567890.10,\r\n\t"é😀\\u0000": "__proto__"} \ud800';

/** localStorage with room for so many characters. */
class Room implements Store {
  readonly kept = new Map<string, string>();
  constructor(private readonly most = Infinity) {}
  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    const others = [...this.kept].reduce((sum, [name, text]) => sum + (name === key ? 0 : text.length), 0);
    if (others + value.length > this.most) throw new DOMException('full', 'QuotaExceededError');
    this.kept.set(key, value);
  }
}

const run = (text: string, at = 0) => ({ text, at, status: 200, ms: 3 });
const history = (library: Library) => library.history.map((each) => each.text);
/** `Name: request, request; Name: ...` */
const outline = (library: Library) =>
  library.collections.map(({ name, requests }) => `${name}: ${requests.map((each) => each.name).join(', ')}`).join('; ');

function saved(library: Library, into: string, name: string, text = name): string {
  const done = library.save(into, name, text);
  assert.ok('id' in done, JSON.stringify(done));
  return done.id;
}

function check(library: Library, fault: string | undefined, expected: string): void {
  assert.equal(fault, undefined);
  assert.equal(outline(library), expected);
}

test('history is newest first, and the same request twice in a row is one', () => {
  const library = new Library(new Room());
  for (const text of ['a', 'b', 'b', 'a']) library.record(run(text));
  assert.deepEqual(history(library), ['a', 'b', 'a']);
  library.record({ ...run('a', 7), status: 503 });
  assert.deepEqual(library.history.map(({ at, status }) => [at, status])[0], [7, 503]);
});

test('history keeps a hundred, and half a million characters', () => {
  const library = new Library(new Room());
  for (let nth = 0; nth < 150; nth += 1) library.record(run(`request ${nth}`));
  assert.equal(library.history.length, 100);
  assert.equal(history(library)[0], 'request 149');
  library.record(run('x'.repeat(499_000)));
  assert.ok(history(library).join('').length <= 500_000);
  library.record(run('y'.repeat(600_000)));
  assert.match(history(library)[0] ?? '', /^x/);
});

test('history is forgotten one at a time or all at once, which can be undone', () => {
  const library = new Library(new Room());
  for (const text of ['a', 'b', 'c']) library.record(run(text));
  library.forget(library.history[1]?.id ?? '');
  assert.deepEqual(history(library), ['c', 'a']);
  const undo = library.clearHistory();
  assert.deepEqual(history(library), []);
  library.record(run('d'));
  undo();
  assert.deepEqual(history(library), ['d', 'c', 'a']);
});

test('a browser that is full keeps what there is room for, and says so of what was asked for', () => {
  const library = new Library(new Room(2_000));
  for (let nth = 0; nth < 30; nth += 1) library.record(run(`${nth}`.padEnd(100, '.')));
  assert.ok(library.history.length > 2 && library.history.length < 20, `${library.history.length}`);
  assert.match(history(library)[0] ?? '', /^29/);
  const done = library.save('c', 'n', 'x'.repeat(3_000));
  assert.match('fault' in done ? done.fault : '', /no room left/);
  assert.equal(outline(library), '');
  new Library(new Room(0)).record(run('a'));
});

test('only text, time, status and milliseconds are kept of what was sent', () => {
  const room = new Room();
  new Library(room).record({ ...run('{}'), ...{ token: 's3cret', endpoint: 'https://x', headers: {}, body: 'reply' } });
  const [kept] = JSON.parse(room.getItem('gateleg.history') ?? '') as object[];
  assert.deepEqual(Object.keys(kept ?? {}).sort(), ['at', 'id', 'ms', 'status', 'text']);
});

test('what is saved comes back to the letter', () => {
  const room = new Room();
  const id = saved(new Library(room), ' Shop\n', 'exact', EXACT);
  new Library(room).record(run(EXACT));
  const again = new Library(room);
  assert.equal(outline(again), 'Shop: exact');
  assert.equal(textOf(id, again), EXACT);
  assert.deepEqual(history(again), [EXACT]);
});

test('saving takes a free name, unless it is to replace', () => {
  const library = new Library(new Room());
  const id = saved(library, 'Shop', 'read', 'old');
  saved(library, 'Shop', 'read', 'new');
  assert.equal(outline(library), 'Shop: read, read (2)');
  assert.equal(textOf(id, library), 'old');
  assert.deepEqual(library.save('Shop', 'read', 'newer', true), { id });
  assert.equal(textOf(id, library), 'newer');
  assert.ok('fault' in library.save(' ', 'read', ''));
});

test('requests and collections are renamed, ordered, copied, and deleted for as long as one likes', () => {
  const library = new Library(new Room());
  const [one, two] = [saved(library, 'A', '1'), saved(library, 'A', '2')];
  saved(library, 'B', '3');
  const b = library.collections[1]?.id ?? '';
  check(library, library.move(two, -1), 'A: 2, 1; B: 3');
  check(library, library.move(two, -1), 'A: 2, 1; B: 3');
  check(library, library.move(b, -1), 'B: 3; A: 2, 1');
  check(library, library.rename(b, 'A'), 'A (2): 3; A: 2, 1');
  check(library, library.rename(one, '2'), 'A (2): 3; A: 2, 2 (2)');
  check(library, library.rename(one, '2 (2)'), 'A (2): 3; A: 2, 2 (2)');
  check(library, library.duplicate(b), 'A (2): 3; A (3): 3; A: 2, 2 (2)');
  check(library, library.duplicate(one), 'A (2): 3; A (3): 3; A: 2, 2 (2), 2 (3)');
  const ids = library.collections.flatMap((each) => [each.id, ...each.requests.map((it) => it.id)]);
  assert.equal(new Set(ids).size, ids.length);
  assert.ok(library.rename(one, ' '));
  const undo = library.remove(two);
  assert.equal(outline(library), 'A (2): 3; A (3): 3; A: 2 (2), 2 (3)');
  check(library, undo(), 'A (2): 3; A (3): 3; A: 2, 2 (2), 2 (3)');
  const undoAll = library.remove(b);
  assert.equal(outline(library), 'A (3): 3; A: 2, 2 (2), 2 (3)');
  check(library, undoAll(), 'A (2): 3; A (3): 3; A: 2, 2 (2), 2 (3)');
  check(library, library.remove('nobody')(), 'A (2): 3; A (3): 3; A: 2, 2 (2), 2 (3)');
});

test('names as long as they may be stay readable', () => {
  const room = new Room();
  const library = new Library(room);
  const long = 'n'.repeat(150);
  for (let times = 0; times < 12; times += 1) saved(library, long, long);
  for (const { id } of library.collections) assert.equal(library.duplicate(id), undefined);
  const again = new Library(room);
  assert.equal(again.collections.length, 2);
  assert.equal(new Set(again.collections[0]?.requests.map((each) => each.name)).size, 12);
});

test('what one tab does, the other does not undo', () => {
  const room = new Room();
  const [left, right] = [new Library(room), new Library(room)];
  const one = saved(left, 'A', '1');
  saved(right, 'A', '2');
  left.record(run('a'));
  right.record(run('b'));
  check(left, left.rename(one, 'first'), 'A: first, 2');
  right.refresh();
  assert.equal(outline(right), 'A: first, 2');
  assert.deepEqual(history(right), ['b', 'a']);
  // One deletes the collection while the other can still undo a deletion in it.
  const undo = left.remove(one);
  right.refresh();
  right.remove(right.collections[0]?.id ?? '');
  check(left, undo(), 'A: first');
});

test('a file comes back whole, is merged, and overwrites nothing', () => {
  const [from, to] = [new Library(new Room()), new Library(new Room())];
  saved(from, 'Shop', 'read', EXACT);
  saved(from, 'Shop', 'write', 'w');
  saved(from, '__proto__', 'constructor', 'p');
  saved(to, 'Shop', 'read', 'mine');
  const file = from.exported();
  assert.match(file, /^\{\n {2}"gateleg": "collections",\n {2}"version": 1,/);
  assert.ok(!file.includes('"id"'));
  assert.deepEqual(to.imported(file), { told: 'Imported 3 requests.' });
  assert.equal(outline(to), 'Shop: read, read (2), write; __proto__: constructor');
  assert.equal(to.collections[0]?.requests[0]?.text, 'mine');
  assert.equal(to.collections[0]?.requests[1]?.text, EXACT);
  assert.deepEqual(to.imported(file), { told: 'Imported 0 requests; 3 were here already.' });
  assert.equal(outline(to), 'Shop: read, read (2), write; __proto__: constructor');
  // A copy that was never changed is a request of its own.
  const [twice, copied] = [new Library(new Room()), new Library(new Room())];
  twice.duplicate(saved(twice, 'A', 'same', 's'));
  assert.deepEqual(copied.imported(twice.exported()), { told: 'Imported 2 requests.' });
  assert.deepEqual(copied.imported(twice.exported()), { told: 'Imported 0 requests; 2 were here already.' });
  const one = new Library(new Room());
  one.imported(from.exported(from.collections[1]?.id));
  assert.equal(outline(one), '__proto__: constructor');
});

const file = (collections: unknown, more: object = {}) => JSON.stringify({ gateleg: 'collections', version: 1, collections, ...more });

for (const [what, text, says] of [
  ['nothing', '', /not JSON/],
  ['cut off', file([{ name: 'a', requests: [] }]).slice(0, -3), /not JSON/],
  ['some other JSON', '{"info": {"schema": "postman"}}', /does not begin with/],
  ['null', 'null', /does not begin with/],
  ['a list', '[]', /does not begin with/],
  ['no version', '{"gateleg": "collections"}', /expected 1/],
  ['a newer version', file([], { version: 2 }), /version 2, and this page reads version 1/],
  ['no list', file({}), /collections: expected a list, but found an object/],
  ['no collection', file([null]), /collections\[0\]\.name: expected a string, but found nothing/],
  ['a name that is a number', file([{ name: 5, requests: [] }]), /collections\[0\]\.name: expected a string, but found a number/],
  ['no name', file([{ name: ' \u0000 ', requests: [] }]), /collections\[0\]\.name: expected 1 to 100 visible characters, but found 3/],
  ['a long name', file([{ name: 'x'.repeat(101), requests: [] }]), /but found 101/],
  ['a request that is an object', file([{ name: 'a', requests: [{ name: 'b', text: {} }] }]), /requests\[0\]\.text: expected a string, but found an object/],
  ['members of a prototype', '{"gateleg":"collections","version":1,"__proto__":{"collections":[]}}', /collections: expected a list, but found nothing/],
  ['a name from a prototype', '{"gateleg":"collections","version":1,"collections":[{"__proto__":{"name":"x","requests":[]}}]}', /expected a string, but found nothing/],
  ['a thousand collections', file(Array.from({ length: 1_000 }, (_, nth) => ({ name: `${nth}`, requests: [] }))), /at most 2000 requests in 100 collections/],
  ['too much', ' '.repeat(MOST_FILE_BYTES + 1), /too large: expected at most 10 MB/],
  ['deep nesting', '['.repeat(1_000_000), /not JSON/],
] as const) {
  test(`a file with ${what} is refused, and nothing changes`, () => {
    const room = new Room();
    const library = new Library(room);
    saved(library, 'Mine', 'request');
    const before = new Map(room.kept);
    const answer = library.imported(text);
    assert.match('fault' in answer ? answer.fault : 'imported', says);
    assert.deepEqual(room.kept, before);
    assert.equal(outline(library), 'Mine: request');
    assert.equal(Object.hasOwn(Object.prototype, 'collections'), false);
  });
}

test('ids of a file are not taken over', () => {
  const library = new Library(new Room());
  const id = saved(library, 'A', 'mine');
  library.imported(file([{ id, name: 'B', requests: [{ id, name: 'theirs', text: 't' }, { id, name: 'more', text: 't' }] }]));
  assert.equal(textOf(id, library), 'mine');
  assert.equal(new Set(library.collections.flatMap((each) => each.requests.map((it) => it.id))).size, 3);
});

test('what a newer page has kept is not overwritten; what nobody can read is', () => {
  const room = new Room();
  room.setItem('gateleg.collections', file([], { version: 9 }));
  room.setItem('gateleg.history', '[null, {"text": 1}, {"id": "i", "text": "t", "at": 1, "status": 200, "ms": 2}]');
  const library = new Library(room);
  assert.deepEqual(history(library), ['t']);
  const done = library.save('A', 'b', 'c');
  assert.match('fault' in done ? done.fault : '', /newer version/);
  room.setItem('gateleg.collections', '{{{');
  room.setItem('gateleg.history', '{{{');
  saved(library, 'A', 'b');
  library.record(run('a'));
  assert.equal(outline(new Library(room)), 'A: b');
});

test('what is kept can be read as a file', () => {
  const room = new Room();
  saved(new Library(room), 'A', 'b');
  assert.ok('collections' in readCollections(room.getItem('gateleg.collections')));
});

test('everything is an entry of the search, and an entry leads to a request', () => {
  const library = new Library(new Room());
  const text = '{"operation": "read", "tableName": "orders", "payload": {"Key": {"id": 12345678901234567890.10}}}';
  const id = saved(library, 'Shop', 'mine', text);
  library.record(run(text));
  const entries = libraryEntries(library);
  const found = (group: string) => entries.filter((each) => each.group === group).map((each) => each.name);
  assert.deepEqual(found('Saved'), ['mine']);
  assert.deepEqual(found('Table'), ['orders']);
  assert.deepEqual(found('History'), ['read 12345678901234567890.10']);
  assert.equal(found('Operation').length, 12);
  assert.equal(new Set(entries.map((each) => each.id)).size, entries.length);
  assert.equal(chosen(id, library, ''), text);
  assert.equal(chosen('operation:delete', library, text), text.replace('read', 'delete'));
  assert.equal(chosen('table:a"b', library, text), text.replace('orders', 'a\\"b'));
  assert.equal(chosen('operation:delete', library, '{"oper'), '{"oper');
  assert.equal(chosen('do:send', library, text), undefined);
});
