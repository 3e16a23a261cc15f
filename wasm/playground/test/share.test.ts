// share.test.ts: turns requests into links and back, and damaged links into plain words.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exampleLink, readLink, shareLink } from '../src/lib/share.ts';

const PAGE = 'https://example.test/play/?x=1#example=create';

async function roundTrip(text: string): Promise<void> {
  const link = await shareLink(PAGE, { text });
  assert.match(link, /^https:\/\/example\.test\/play\/\?x=1#v1=[A-Za-z0-9_-]+$/);
  assert.deepEqual(await readLink(new URL(link).hash), { text });
}

test('a request comes back to the letter', async () => {
  for (const text of ['', '{"n": 12345678901234567890.10}', 'é 😀 \u0000 <img onerror=alert(1)> </script>']) {
    await roundTrip(text);
  }
  await roundTrip('{"operation": "batchWrite"}'.repeat(5_000));
});

test('the views that are open go along, and what is of the wrong kind does not come back', async () => {
  const shared = { text: '{}', form: true, answer: 'code', client: 'go' };
  assert.deepEqual(await readLink(new URL(await shareLink(PAGE, shared)).hash), shared);
  const odd = { text: '{}', form: 1, answer: ['x'], client: null, url: 'https://x', secret: 's' } as unknown as { text: string };
  assert.deepEqual(await readLink(new URL(await shareLink(PAGE, odd)).hash), { text: '{}' });
});

test('an example has a link of its own', async () => {
  assert.deepEqual(await readLink(new URL(exampleLink(PAGE, 'list-all')).hash), { example: 'list-all' });
});

test('no link is no fault', async () => {
  for (const hash of ['', '#', '#top', '#token=x']) assert.equal(await readLink(hash), undefined, hash);
});

test('a damaged link is told in words, and a bomb is not unpacked', async () => {
  const link = new URL(await shareLink(PAGE, { text: '{"a": 1}'.repeat(100) })).hash;
  const bomb = new URL(await shareLink(PAGE, { text: '0'.repeat(3_000_000) })).hash;
  for (const hash of [link.slice(0, -6), '#v1=', '#v1=%%%', '#v1=AAAA', '#v9=AAAA', '#example=%', bomb]) {
    assert.ok('fault' in ((await readLink(hash)) ?? {}), hash.slice(0, 40));
  }
});
