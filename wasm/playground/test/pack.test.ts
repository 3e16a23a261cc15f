// pack.test.ts: turns bytes of every sort into proof that the page unpacks what the build packs, and is never stuck on what is damaged.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pack } from '../pack.ts';
import { unpack } from '../src/lib/unpack.ts';
import { seeded } from './planner.ts';

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
