// pack.test.ts: turns bytes and wasm modules of every sort into proof that the page unpacks and weaves together what the build parts and
// packs, and is never stuck on what is damaged.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pack } from '../pack.ts';
import { part } from '../part.ts';
import { unpack } from '../src/lib/unpack.ts';
import { HEAD, weave } from '../src/lib/weave.ts';
import { folder, seeded } from './planner.ts';

const random = seeded(7);
const SELF = new Uint8Array(readFileSync(new URL(import.meta.url)));

const SAMPLES: [string, Uint8Array][] = [
  ['a byte', Uint8Array.of(7)],
  ['the same byte a million times, which is more than the dictionary', new Uint8Array(1e6).fill(7)],
  ['random bytes', Uint8Array.from({ length: 70_000 }, () => random(256))],
  ['this file', SELF],
];

for (const [name, bytes] of SAMPLES) {
  test(`${name}: comes back`, () => assert.deepEqual(unpack(pack(bytes)), bytes));
}

test('a text becomes smaller', () => {
  const { length } = pack(SELF);
  assert.ok(length < SELF.length * 0.7, `expected less than 0.7 of ${SELF.length} bytes, but found ${length}`);
});

test('what is cut short never comes back whole', () => {
  const packed = pack(SELF);
  for (let length = 0; length < packed.length - 5; length += 7) {
    let back: Uint8Array | undefined;
    try {
      back = unpack(packed.subarray(0, length));
    } catch {
      // An error is what is hoped for.
    }
    assert.notDeepEqual(back, SELF, `${length} of ${packed.length} bytes`);
  }
});

const PLANNER = new Uint8Array(readFileSync(new URL('gateleg_wasm_bg.wasm', folder)));

/** A wasm module's head, a section of another kind, functions, and a section after them. */
function module(...functions: number[][]): Uint8Array {
  const bodies = functions.flatMap((body) => [...leb(body.length), ...body]);
  const code = [...leb(functions.length), ...bodies];
  return Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 10, ...leb(code.length), ...code, 11, 1, 0);
}

const leb = (n: number): number[] => (n < 128 ? [n] : [(n & 127) | 128, ...leb(n >>> 7)]);

const MODULES: [string, Uint8Array][] = [
  ['no function', module()],
  ['a function that does nothing', module([0, 0x0b])],
  ['locals', module([2, 0x80, 0x01, 0x7f, 3, 0x7e, 0x0b])],
  ['blocks in blocks', module([0, 0x02, 0x40, 0x03, 0x7f, 0x04, 0x40, 0x05, 0x0b, 0x0c, 0x00, 0x0b, 0x0d, 0x01, 0x0b, 0x0b])],
  ['a table of branches', module([0, 0x0e, 2, 0x00, 0x81, 0x01, 0x0b, 0x0b])],
  ['numbers that look like instructions', module([0, 0x41, 0x0b, 0x42, 0x8b, 0x0b, 0x10, 0x0b, 0x11, 0x0b, 0x0b, 0x20, 0x0b, 0x21, 0x0b, 0x22, 0x0b, 0x0b])],
  ['numbers with more bytes than they need', module([0, 0x23, 0x8b, 0x80, 0x00, 0x24, 0x8b, 0x00, 0x0b])],
  ['loads and stores', module([0, 0x28, 0x0b, 0x0b, 0x35, 0x00, 0x8b, 0x0b, 0x36, 0x02, 0x0b, 0x3e, 0x0b, 0x0b, 0x3f, 0x00, 0x40, 0x00, 0x0b])],
  ['memory copied and filled', module([0, 0xfc, 0x0a, 0x00, 0x00, 0xfc, 0x0b, 0x00, 0xfc, 0x07, 0x0b])],
  ['a long function among short ones', module([0, 0x0b], [0, ...Array<number>(20_000).fill(0x6a), 0x0b], [0, 0x1a, 0x0b])],
  ['the planner', PLANNER],
];

for (const [name, bytes] of MODULES) {
  test(`${name}: is woven together as it was`, () => assert.deepEqual(weave(unpack(pack(part(bytes)))), bytes));
}

test('a module packs a good deal better when it is parted', () => {
  const [parted, whole] = [pack(part(PLANNER)).length, pack(PLANNER).length];
  assert.ok(parted < whole * 0.95, `expected less than 0.95 of ${whole} bytes, but found ${parted}`);
});

for (const [name, bytes, expected] of [
  ['an instruction that nobody expected', module([0, 0x44, 0x0b, 0, 0, 0, 0, 0, 0, 0, 0x0b]), /expected function 0 to end at byte 29, but found its end at 21/],
  ['a size with more bytes than it needs', Uint8Array.of(...module().subarray(0, 15), 5, 1, 0x82, 0x00, 0, 0x0b), /expected the module back/],
  ['no module', SELF, /expected a wasm module, but found none/],
] as const) {
  test(`${name} is refused`, () => assert.throws(() => part(bytes), expected));
}

test('what is parted and cut short, or changed, is never woven into the same, and nobody is stuck', () => {
  const parted = part(PLANNER);
  const check = (damaged: Uint8Array<ArrayBuffer>, place: string) => {
    let back: Uint8Array | undefined;
    try {
      back = weave(damaged);
    } catch {
      // An error is what is hoped for.
    }
    assert.ok(!back || Buffer.compare(back, PLANNER) !== 0, place);
  };
  for (let length = 0; length < parted.length; length += 5001) check(parted.slice(0, length), `${length} bytes`);
  // Its own length may be anything then, so that is left as it is.
  for (let at = 4; at < 4 * HEAD; at += 1) check(parted.with(at, (parted[at] ?? 0) ^ 0x41), `byte ${at}`);
  for (let at = 4 * HEAD; at < parted.length; at += 5001) check(parted.with(at, (parted[at] ?? 0) ^ 0x41), `byte ${at}`);
});
