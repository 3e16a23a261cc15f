// connection.test.mjs: sending elsewhere: with a header of its own, and why there is no answer when there is none.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { others, page, reply, sendButton, SERVER, takeFaults, type } from './page.mjs';

/** An API of another origin. `headers` are those of every answer; what it was sent is in `seen`. */
async function api(headers, use) {
  const seen = [];
  const server = createServer((request, response) => {
    seen.push({ method: request.method, url: request.url, headers: request.headers });
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    response.end(request.method === 'POST' ? '"pong"' : '');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${server.address().port}`;
  others.add(host);
  try {
    await use(`http://${host}/test/dynamodbmanager`, seen, host);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const dialog = () => page.getByRole('dialog', { name: 'Where requests are sent' });

async function connect(url, proof, fields = {}) {
  await page.getByRole('button', { name: /^Server: / }).click();
  if (url) {
    await dialog().getByLabel('Another address').check();
    await dialog().getByLabel('Address of the API').fill(url);
  }
  if (proof) await dialog().getByLabel(proof).check();
  for (const [label, text] of Object.entries(fields)) await dialog().getByLabel(label, { exact: true }).fill(text);
  await dialog().getByRole('button', { name: 'Save' }).click();
}

const ALLOW = {
  'access-control-allow-origin': SERVER.origin,
  'access-control-allow-headers': 'content-type, x-api-key, authorization',
};

test('a request goes to the address that was set, with the header that was set', async () => {
  await type('{"operation": "ping"}');
  await api(ALLOW, async (url, seen, host) => {
    await connect(url, 'A header of its own', { Header: 'x-api-key', Value: 's3cret-key' });
    await sendButton().click();
    await reply().getByText('200 OK').waitFor();
    const post = seen.find(({ method }) => method === 'POST');
    assert.equal(post.url, '/test/dynamodbmanager');
    assert.equal(post.headers['x-api-key'], 's3cret-key');
    assert.equal(post.headers.authorization, undefined);
    await page.getByRole('button', { name: `Server: ${host}` }).waitFor();

    // Neither where nor how is in a link; the secret is not in what outlives the tab.
    await page.getByRole('button', { name: 'Share' }).click();
    const link = await page.getByRole('textbox', { name: 'Link' }).inputValue();
    const packed = Uint8Array.from(atob(link.split('#v1=')[1].replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
    const { inflateRawSync } = await import('node:zlib');
    const expected = { text: '{"operation": "ping"}', form: false, answer: 'reply', client: 'curl' };
    assert.deepEqual(JSON.parse(inflateRawSync(packed).toString()), expected);
    assert.ok(!(await page.evaluate(() => JSON.stringify(localStorage))).includes('s3cret'));

    // The code is for that address too, and holds no secret.
    await page.keyboard.press('Escape');
    await page.keyboard.press('Alt+3');
    const code = await page.getByRole('tabpanel', { name: 'Code' }).innerText();
    assert.ok(code.includes(url) && !code.includes('s3cret'), code);
  });
});

test('a secret is forgotten when the address moves to another origin, and kept when asked', async () => {
  await connect('https://one.example/api', 'A bearer token', { Token: 'first' });
  await page.getByRole('button', { name: /^Server: one/ }).click();
  await dialog().getByLabel('Address of the API').fill('https://one.example/other');
  assert.equal(await dialog().getByLabel('Token', { exact: true }).inputValue(), 'first');
  await dialog().getByLabel('Address of the API').fill('https://two.example/api');
  assert.equal(await dialog().getByLabel('Token', { exact: true }).inputValue(), '');
  await dialog().getByLabel('Token', { exact: true }).fill('second');
  await dialog().getByLabel('Keep it').check();
  await dialog().getByRole('button', { name: 'Save' }).click();
  assert.ok((await page.evaluate(() => JSON.stringify(localStorage))).includes('second'));
  await page.reload();
  await page.getByRole('button', { name: /^Server: two/ }).click();
  assert.equal(await dialog().getByLabel('Token', { exact: true }).inputValue(), 'second');
  await dialog().getByLabel('None').check();
  await dialog().getByRole('button', { name: 'Save' }).click();
  assert.ok(!(await page.evaluate(() => JSON.stringify(localStorage))).includes('second'));
});

test('addresses and headers that a page cannot use are refused in words', async () => {
  for (const [url, words] of [
    ['api', 'Expected a whole address'],
    ['http://example.com/api', 'Expected https, or http to this machine'],
    ['https://me:secret@example.com/', 'must not hold a name or password'],
    ['javascript:alert(1)', 'Expected https'],
  ]) {
    await connect(url);
    await dialog().getByText(words).waitFor();
    await dialog().getByRole('button', { name: 'Close' }).click();
  }
  await connect(undefined, 'A header of its own', { Header: 'Cookie', Value: 'x' });
  await dialog().getByText('A page may not set the header Cookie itself').waitFor();
});

test('an answer that this page may not see is told from a port where nobody listens', async () => {
  await type('{"operation": "ping"}');
  let gone;
  await api({}, async (url, seen, host) => {
    await connect(url);
    await sendButton().click();
    await reply().getByText(`${host} answers, but does not let a page of ${SERVER.origin} see its answer (CORS).`).waitFor();
    await reply().getByText(`--allow-origin ${SERVER.origin}`).waitFor();
    assert.ok(!seen.some(({ method }) => method === 'POST'), 'the preflight was refused');
    gone = host;
  });
  others.add(gone);
  await sendButton().click();
  await reply().getByText(`No answer from ${gone}.`).waitFor();
  await reply().getByText(`Nothing listens on port ${gone.split(':')[1]} of this machine`).waitFor();
  assert.ok(takeFaults().every((fault) => /CORS|ERR_CONNECTION_REFUSED|ERR_FAILED/.test(fault)));
});
