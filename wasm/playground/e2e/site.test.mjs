// site.test.mjs: the page as a page: quick, whole without a network, from any path, readable by all, and deaf to hostile text.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { extname, join, normalize } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { browser, editor, noFaults, others, page, plan, problems, reply, SERVER, sendButton, tab, takeFaults, type } from './page.mjs';

const DIST = fileURLToPath(new URL('../dist', import.meta.url));
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** The built page as a folder of files under `prefix`, as GitHub Pages serves it: no API, no headers of ours; each file as `change` makes it. */
async function folder(prefix, use, change = (_, content) => content) {
  const server = createServer(async (request, response) => {
    const path = new URL(request.url, 'http://x').pathname;
    const name = path.startsWith(prefix) ? normalize(path.slice(prefix.length) || 'index.html') : '..';
    const file = name.startsWith('..') || request.method !== 'GET' ? undefined : await readFile(join(DIST, name)).catch(() => undefined);
    const content = file && change(name, file);
    response.writeHead(content ? 200 : request.method === 'GET' ? 404 : 405, { 'content-type': TYPES[extname(name)] ?? 'text/plain' });
    response.end(content ?? 'no such file');
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `127.0.0.1:${server.address().port}`;
  others.add(host);
  const end = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  try {
    await use(`http://${host}${prefix}`, end);
  } finally {
    if (server.listening) await end();
  }
}

test('it works from a folder under any path, and offline once loaded', async () => {
  await folder('/some/where/', async (url, end) => {
    await page.goto(url);
    await plan().getByText('PutItem', { exact: true }).waitFor();
    await sendButton().click();
    await reply().getByText('No gateleg API answers at').waitFor();
    assert.ok(takeFaults().every((fault) => /405/.test(fault)));
    await page.evaluate(async () => (await navigator.serviceWorker.ready).active.state);
    await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
    await end();
    await page.reload();
    await plan().getByText('PutItem', { exact: true }).waitFor();
    await type('{"operation": "ping"}');
    await plan().getByText(/Nothing is sent to the store/).waitFor();
    // The browser says of the page's own document that it came from nowhere.
    assert.ok(takeFaults().every((fault) => /ERR_CONNECTION_REFUSED/.test(fault)));
    await page.evaluate(async () => (await navigator.serviceWorker.getRegistration()).unregister());
  });
});

for (const [what, damaged] of [
  ['is cut short', (content) => content.subarray(0, content.length / 2)],
  ['is another file', () => Buffer.from('<!doctype html><title>Sign in</title>')],
  ['is empty', () => Buffer.alloc(0)],
]) {
  test(`a planner that ${what} is told, and sending still works`, async () => {
    const change = (name, content) => (name.endsWith('.lzma') ? damaged(content) : content);
    await folder('/', async (url) => {
      await page.goto(url);
      await page.getByText(/The planner could not be loaded.*expected the planner at .*\.lzma, but found only a part of it, or something else/).waitFor();
      await sendButton().click();
      await reply().getByText('No gateleg API answers at').waitFor();
      assert.ok(takeFaults().every((fault) => /405/.test(fault)));
    }, change);
  });
}

test('the page says the same policy as the server that serves it', async () => {
  const answer = await page.request.get(SERVER.href);
  const own = await page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute('content');
  assert.equal(answer.headers()['content-security-policy'], `${own}; frame-ancestors 'none'`);
  for (const part of ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "style-src 'self'"]) {
    assert.ok(own.split('; ').includes(part), own);
  }
});

test('axe finds nothing, whatever is open, dark or light, wide or narrow', async () => {
  const axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  const check = async (what) => {
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
    const found = violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
    assert.deepEqual(found, [], what);
  };
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await check(`first sight, ${colorScheme}`);
    await type('{"operation": "create", "tableName": "lambda-apigateway", "payload": {"item": {"id": "1", "n": 1.10}}}');
    await problems().getByRole('button', { name: /^Fix/ }).waitFor();
    await check(`refused, ${colorScheme}`);
    await page.keyboard.press('ControlOrMeta+.');
    await sendButton().click();
    await reply().getByText('200 OK').waitFor();
    await check(`reply, ${colorScheme}`);
    for (const name of ['Code', 'IAM', 'Cost']) {
      await tab(name).click();
      await check(`${name}, ${colorScheme}`);
    }
    for (const name of [/^Server: /, 'Share', 'Paste', 'Keys', /^Find/, 'Save…']) {
      await page.getByRole('button', { name }).click();
      await check(`${name}, ${colorScheme}`);
      await page.keyboard.press('Escape');
    }
    for (const id of ['update-counter', 'transact-write', 'mistake-reserved', 'exact', 'echo']) {
      await page.evaluate((hash) => (location.hash = hash), `#example=${id}`);
      await page.waitForFunction(() => location.hash === '');
      await tab('Form').click();
      await check(`${id} as a form, ${colorScheme}`);
      await tab('JSON').click();
    }
    await page.setViewportSize({ width: 360, height: 740 });
    await check(`narrow, ${colorScheme}`);
    await page.setViewportSize({ width: 1280, height: 800 });
    await tab('Plan').click();
  }
});

test('cold, it answers keys well within a second', async () => {
  const cold = await browser.newPage();
  const session = await browser.newCDPSession(cold);
  await session.send('Network.setCacheDisabled', { cacheDisabled: true });
  const times = [];
  // The best of five: others work on this machine too.
  for (let round = 0; round < 5; round++) {
    await cold.goto('about:blank');
    await cold.goto(SERVER.href, { waitUntil: 'commit' });
    await cold.getByRole('tabpanel', { name: /^Plan/ }).getByText('PutItem', { exact: true }).waitFor();
    times.push(await cold.evaluate(() => performance.now()));
  }
  await cold.close();
  console.log(`# cold load to the first plan: ${times.map((time) => `${time.toFixed(0)} ms`).join(', ')}`);
  assert.ok(Math.min(...times) < 1000, times.join());
});

/** Texts that have broken pages before, 200 of them. */
function hostileTexts() {
  const core = [
    '<img src=x onerror=pwn()>', '<script>pwn()</script>', '"><svg onload=pwn()>', "'-pwn()-'", '</script><script>pwn()</script>',
    'javascript:pwn()', '<iframe srcdoc="<script>parent.pwn()</script>">', '{{constructor.constructor("pwn()")()}}', '${pwn()}', '`${pwn()}`',
    '<a href="javascript:pwn()">x</a>', '<style>@import "//evil.example/x"</style>', '<link rel=stylesheet href=//evil.example>', '<base href=//evil.example/>',
    '<meta http-equiv=refresh content="0;url=//evil.example">', '<math><mtext></mtext><mglyph><style></style><img src onerror=pwn()>', '&lt;img src=x onerror=pwn()&gt;',
    '\u202e<txt.exe\u202c', '\u0000', '\u2028\u2029', '\ufeff', '\ud800', 'a\u0301'.repeat(50), '%3Cscript%3Epwn()%3C/script%3E', '__proto__', 'constructor', 'prototype',
    'toString', 'hasOwnProperty', '__defineGetter__', 'valueOf', 'then', 'toJSON', '../../../etc/passwd', "'; DROP TABLE t; --", '$(pwn)', '`id`', '\\', '\\"', '\\u003cscript\\u003e',
    '<!--', ']]>', '<![CDATA[', '\r\nset-cookie: a=b', 'data:text/html,<script>pwn()</script>', 'x'.repeat(5000), '{@html "<img src=x onerror=pwn()>"}', '#v1=AAAA', '\t\v\f', '😀'.repeat(20),
  ];
  const wrap = [(text) => text, (text) => `a${text}b`, (text) => `"${text}"`, (text) => `${text}${text}`];
  return wrap.flatMap((each) => core.map(each)).slice(0, 200);
}

test('200 hostile texts, as keys, values, names, errors, replies and links, are just text', async () => {
  await page.addInitScript(() => {
    window.pwned = 0;
    window.pwn = () => (window.pwned += 1);
    window.violations = [];
    document.addEventListener('securitypolicyviolation', (event) => window.violations.push(`${event.violatedDirective} ${event.blockedURI}`));
  });
  await page.goto(SERVER.href);
  let answer;
  await page.route('**/dynamodbmanager', (route) => route.fulfill(answer));
  const texts = hostileTexts();
  assert.equal(texts.length, 200);
  const { deflateRawSync } = await import('node:zlib');
  for (const [index, text] of texts.entries()) {
    const quoted = JSON.stringify(text);
    const operation = ['create', 'read', quoted.slice(1, -1)][index % 3];
    const request = `{"operation": "${operation}", "tableName": ${quoted}, "payload": {"Item": {${quoted}: ${quoted}, "n": [${quoted}]}, ${quoted}: {"S": ${quoted}}}, ${quoted}: 1}`;
    // As a link, which is also how it comes into the editor.
    const hash = `#v1=${deflateRawSync(JSON.stringify({ text: request })).toString('base64url')}`;
    await page.evaluate((next) => (location.hash = next), hash);
    await page.waitForFunction(() => location.hash === '');
    answer =
      index % 2 === 0
        ? { status: 400, json: { __type: text, message: text, hint: text, path: text, rule: text, requestId: text } }
        : { status: 200, contentType: 'application/json', body: `{"Items": [{${quoted}: ${quoted}}], "LastEvaluatedKey": {${quoted}: ${quoted}}, ${quoted}: ${quoted}}` };
    await tab(['Plan', 'Code', 'IAM', 'Cost'][index % 4]).click();
    await tab(['Form', 'JSON', 'DynamoDB JSON', 'JSON'][index % 4]).click();
    await sendButton().click();
    await reply().getByText(index % 2 === 0 ? '400 Bad Request' : '200 OK').waitFor();
    if (index % 40 === 0) await page.evaluate((hash) => (location.hash = hash), `#${text}`);
  }
  // An example's name, a damaged link, and what is remembered.
  for (const text of texts.slice(0, 50)) {
    await page.evaluate((name) => (location.hash = `#example=${encodeURIComponent(name.toWellFormed())}`), text);
    await page.waitForFunction(() => location.hash === '');
  }
  await page.reload();
  await editor().waitFor();
  assert.deepEqual(await page.evaluate(() => [window.pwned, window.violations]), [0, []]);
  assert.deepEqual(takeFaults().filter((fault) => !/status of 400/.test(fault)), []);
});

test('the theme is the system\'s, or the one that was chosen', async () => {
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const light = await background();
  await page.emulateMedia({ colorScheme: 'dark' });
  const dark = await background();
  assert.notEqual(dark, light);
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('light theme');
  await page.keyboard.press('Enter');
  assert.equal(await background(), light);
  await page.reload();
  await plan().getByText('PutItem', { exact: true }).waitFor();
  assert.equal(await background(), light);
  noFaults();
});
