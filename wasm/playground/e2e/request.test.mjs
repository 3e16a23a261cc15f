// request.test.mjs: the request: typed, refused, mended, planned, sent, shared, kept.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXACT, SERVER, editor, noFaults, page, plan, problems, reply, sendAndRead, sendButton, tab, type, typed as typedText, wide, withoutSpace } from './page.mjs';

const library = () => page.getByRole('navigation', { name: 'Library' });
const example = (name) => library().getByRole('button', { name });

test('first sight is the tutorial\'s create, its plan already there', async () => {
  assert.equal(await page.title(), 'gateleg playground');
  assert.match(await editor().innerText(), /"operation": "create"/);
  assert.ok(withoutSpace(await plan().innerText()).includes('"Item":{"id":{"S":"1234ABCD"},"number":{"N":"5"}}'));
  assert.equal(await problems().count(), 0);
  assert.match(await page.locator('header').innerText(), /planner \d+\.\d+\.\d+/);
  noFaults();
});

test('a mistake is refused as it is typed, at its place, with what to do', async () => {
  await type('{"operation": "create", "tableName": "lambda-apigateway", "payload": {"item": {"id": "1"}}}');
  await problems().getByText('ValidationException').waitFor();
  assert.match(await problems().locator('.message').innerText(), /"?item"?/);
  assert.equal(await page.locator('.cm-lintRange-error').first().innerText(), '"item"');
  assert.match(await plan().innerText(), /Refused/);
  assert.equal(await plan().getByText('PutItem', { exact: true }).count(), 0);
  await type('{"operation": "ping" "payload": 1}');
  await problems().getByText('SerializationException').waitFor();
  assert.equal(await page.locator('.cm-lintRange-error').first().innerText(), '"');
  await type('{"operation": "ping"}');
  await problems().waitFor({ state: 'detached' });
  await plan().getByText(/Nothing is sent to the store/).waitFor();
  noFaults();
});

test('a plan of many steps shows what is sent, what could come back, and what is sent then', async () => {
  await type('{"operation": "list", "tableName": "lambda-apigateway", "options": {"all": true}}');
  const sequence = plan().getByRole('region', { name: 'How it could go on' });
  await sequence.waitFor();
  const text = await sequence.innerText();
  const order = ['Scan is sent', 'What could come back', '"LastEvaluatedKey"', 'Then Scan is sent', '"ExclusiveStartKey"'];
  const places = order.map((words) => text.indexOf(words));
  assert.ok(places.every((at, index) => at >= 0 && (index === 0 || at > places[index - 1])), `${places}: ${text}`);
});

test('a fix is one click or one key away, and undo takes it back', async () => {
  const slip = '{"operation": "create", "tableName": "lambda-apigateway", "payload": {"item": {"id": "1", "n": 1.10}}}';
  const mended = slip.replace('"item"', '"Item"');
  const shown = async () => (await editor().innerText()).replaceAll(/\s+/g, ' ').trim();
  for (const apply of [
    () => problems().getByRole('button', { name: /^Fix/ }).click(),
    () => page.keyboard.press('ControlOrMeta+.'),
  ]) {
    await type(slip);
    await problems().getByRole('button', { name: /^Fix/ }).waitFor();
    await apply();
    await plan().getByText('PutItem', { exact: true }).waitFor();
    assert.equal(await shown(), mended);
    await editor().click();
    await page.keyboard.press('ControlOrMeta+z');
    assert.equal(await shown(), slip);
  }
});

test('the editor offers what may stand there, and says what it means', async () => {
  await type('{"operation": "');
  const offers = page.locator('.cm-tooltip-autocomplete');
  await page.keyboard.press('Control+Space');
  await offers.getByText('transactWrite').waitFor();
  await page.keyboard.type('cre');
  await offers.getByRole('option', { selected: true }).getByText('create', { exact: true }).waitFor();
  await page.waitForTimeout(150);
  await page.keyboard.press('Enter');
  await page.keyboard.type(', "tableName": "lambda-apigateway", "pay');
  await offers.getByText('payload').waitFor();
  await page.waitForTimeout(150);
  await page.keyboard.press('Enter');
  await page.keyboard.type('"It');
  await offers.getByText('Item', { exact: true }).waitFor();
  await page.waitForTimeout(150);
  await page.keyboard.press('Enter');
  // Brackets that a name brings along are closed; the outermost is the user's own.
  await page.keyboard.type('"id": "1"');
  await page.keyboard.press('End');
  await page.keyboard.type('}');
  await plan().getByText('PutItem', { exact: true }).waitFor();

  await type('{\n  "operation": "read",\n  "tableName": "t",\n  "payload": {"Key": {"id": "1"}}\n}');
  await editor().getByText('"Key"').hover();
  await page.locator('.cm-meaning').getByText('Key (required)').waitFor();
});

test('a link carries the request and nothing else, and a damaged one is told', async () => {
  const text = `{"operation": "echo", "payload": {"__proto__": "<img src=x onerror=alert(1)>", "n": ${EXACT}}}`;
  await type(text);
  await tab('Code').click();
  await page.getByRole('combobox', { name: 'Client' }).selectOption('go');
  await page.getByRole('button', { name: 'Share' }).click();
  const dialog = page.getByRole('dialog', { name: 'Share this request' });
  await dialog.getByText(`${text.length} characters, and which views of it are open; nothing else`).waitFor();
  const link = await dialog.getByRole('textbox', { name: 'Link' }).inputValue();
  assert.ok(link.startsWith(`${SERVER.href}#v1=`), link);
  await dialog.getByRole('button', { name: 'Close' }).click();

  const open = async (hash) => {
    await page.goto('about:blank');
    await page.goto(SERVER.href + hash);
    await editor().waitFor();
  };
  await type('{}');
  await open(new URL(link).hash);
  await page.waitForFunction(() => location.hash === '');
  assert.equal((await editor().innerText()).trim(), text);
  assert.equal(await page.getByRole('combobox', { name: 'Client' }).inputValue(), 'go');
  await open('#example=list-all');
  await page.getByRole('region', { name: 'How it could go on' }).waitFor();
  await open('#v1=AAAA');
  await page.getByRole('alert').getByText('The link is damaged').waitFor();
});

test('the next page is one click away, to the last', async () => {
  const puts = [1, 2, 3].map((n) => `{"id": "page ${n}"}`).join(', ');
  await type(`{"operation": "batchWrite", "tableName": "lambda-apigateway", "payload": {"Put": [${puts}]}}`);
  await sendAndRead();
  await type('{"operation": "list", "tableName": "lambda-apigateway", "payload": {"Limit": 2}}');
  let found = (await sendAndRead()).body.match(/"page \d"/g) ?? [];
  const next = reply().getByRole('button', { name: 'Next page' });
  for (let pages = 1; (await next.count()) > 0; pages++) {
    assert.ok(pages < 20, 'it comes to an end');
    found = found.concat((await sendAndRead(() => next.click())).body.match(/"page \d"(?=[},])/g) ?? []);
  }
  assert.deepEqual([...new Set(found)].sort(), ['"page 1"', '"page 2"', '"page 3"']);
});

test('the plan keeps every digit', async () => {
  await type(`{"operation":"create","tableName":"lambda-apigateway","payload":{"Item":{"id":"e2e","n":${EXACT}}}}`);
  await plan().getByText(`"${EXACT}"`).waitFor();
  noFaults();
});

test('echo comes back to the digit, spelling included', async () => {
  await type('{"operation":"echo","payload":[12345678901234567890123456789.10,1.50,1E+2,{"b":2,"a":1}]}');
  const { answer, body, shown } = await sendAndRead();
  assert.equal(answer.status(), 200);
  assert.equal(body, '[12345678901234567890123456789.10,1.50,1E+2,{"b":2,"a":1}]');
  assert.match(shown, /200 OK/);
  noFaults();
});

test('what create stores, read shows', async () => {
  await type(`{"operation":"create","tableName":"lambda-apigateway","payload":{"Item":{"id":"e2e","n":${EXACT}}}}`);
  const created = await sendAndRead();
  assert.equal(created.answer.status(), 200, created.body);
  assert.match(created.shown, /200 OK/);
  await type('{"operation":"read","tableName":"lambda-apigateway","payload":{"Key":{"id":"e2e"}}}');
  const read = await sendAndRead(() => page.keyboard.press('Control+Enter'));
  assert.equal(read.answer.status(), 200, read.body);
  assert.ok(read.body.includes(`"n":${EXACT}`), read.body);
  assert.ok(read.shown.includes(`"n" ${EXACT} Number`), read.shown);
  noFaults();
});

test('the exact text of the editor is sent', async () => {
  const text = '{ "operation":"echo",\n\t"payload" : "é😀" }';
  await type(text);
  const { answer } = await sendAndRead();
  assert.equal(answer.request().postData(), text);
  assert.equal(answer.request().headers()['content-type'], 'application/json');
  assert.equal(new URL(answer.url()).pathname, '/dynamodbmanager');
  noFaults();
});

test('every example is planned, every famous mistake is pointed out', async () => {
  let count = 0;
  for (const group of ['Tutorial', 'Operations', 'Famous mistakes']) {
    const section = library().getByRole('region', { name: group, exact: true });
    if (!(await section.getByRole('listitem').count())) await section.getByText(group, { exact: true }).click();
    for (const row of await section.locator('.row').all()) {
      await row.click();
      await page.waitForFunction((isMistake) => isMistake === (document.querySelector('.problems li') !== null), group === 'Famous mistakes');
      count += 1;
    }
  }
  assert.ok(count >= 40, String(count));
  noFaults();
});

test('text and example outlive a reload', async () => {
  await example('7 ping').click();
  await type('{"operation": "ping", "payload": 1}');
  await page.reload();
  await plan().getByText(/Nothing is sent to the store/).waitFor();
  assert.equal(await editor().innerText(), '{"operation": "ping", "payload": 1}');
  assert.match(await page.locator('nav [aria-current]').innerText(), /7 ping\s+edited/);
  noFaults();
});

test('undo brings back what an example replaced', async () => {
  await type('{"operation": "ping"}');
  await example('1 echo').click();
  await editor().press('ControlOrMeta+z');
  assert.equal(await editor().innerText(), '{"operation": "ping"}');
  noFaults();
});

test('a 401 asks for a token, sends it, and keeps it out of localStorage', async () => {
  const seen = [];
  await page.route('**/dynamodbmanager', (route) => {
    const { authorization } = route.request().headers();
    seen.push(authorization);
    if (authorization === 'Bearer s3cret') return route.fulfill({ status: 200, json: 'pong' });
    return route.fulfill({ status: 401, json: { __type: 'MissingAuthenticationTokenException', message: 'm', requestId: 'r' } });
  });
  await sendButton().click();
  await page.getByRole('textbox', { name: 'Token' }).fill('s3cret');
  await page.getByRole('button', { name: 'Send with this token' }).click();
  await reply().getByText('200 OK').waitFor();
  assert.deepEqual(seen, [undefined, 'Bearer s3cret']);
  assert.ok(!(await page.evaluate(() => JSON.stringify(localStorage))).includes('s3cret'));
});

test('a server that is gone is named in plain words', async () => {
  await page.route('**/dynamodbmanager', (route) => route.abort('connectionrefused'));
  await sendButton().click();
  await reply().getByText(`No answer from ${SERVER.host}.`).waitFor();
});

test('at 360 px nothing is cut off, and each view is one press away', async () => {
  await page.setViewportSize({ width: 360, height: 720 });
  const fits = async (what) => assert.equal(await wide(page.locator('html')), 0, `${what} scrolls sideways`);
  const press = (name) => page.getByRole('navigation', { name: 'View' }).getByRole('button', { name: new RegExp(`^${name}`) }).click();
  await page.getByRole('combobox', { name: 'Example' }).selectOption({ label: 'item for Item' });
  await fits('Request');
  await press('Problems');
  await problems().getByText('ValidationException').waitFor();
  await fits('Problems');
  await page.getByRole('combobox', { name: 'Example' }).selectOption({ label: 'exact values' });
  await press('Plan');
  await plan().getByText('PutItem', { exact: true }).waitFor();
  await fits('Plan');
  assert.equal(await editor().isVisible(), false);
  for (const name of ['Code', 'IAM', 'Cost']) {
    await tab(name).click();
    await fits(name);
  }
  await press('Request');
  const { shown } = await sendAndRead();
  assert.match(shown, /200 OK/);
  await fits('Reply');
  noFaults();
});

test('plain and DynamoDB JSON are views of one request, and nothing is lost between them', async () => {
  const plain = `{ "operation": "create",\t"tableName": "lambda-apigateway",\n  "payload": {"Item": {"id": "v", "n": ${EXACT}, "s": {"$ss": ["b", "a"]}, "m": {"__proto__": [null, true, "\\u0061"]}}} }`;
  await type(plain);
  const planned = await plan().getByRole('group', { name: /as it will be sent$/ }).evaluate((element) => element.textContent);
  await tab('DynamoDB JSON').click();
  const typed = await typedText();
  assert.ok(typed.includes(`"n": {"N": "${EXACT}"}`) && typed.includes('"format": "dynamodb"'), typed);
  assert.equal(await plan().getByRole('group', { name: /as it will be sent$/ }).evaluate((element) => element.textContent), planned);
  await tab('JSON').click();
  assert.equal(await typedText(), plain);
  // What has no other notation is told, at its place, and left alone.
  const broken = '{"operation": "create", "payload": {"Item": {"id": }}';
  await type(broken);
  await tab('DynamoDB JSON').click();
  await page.getByRole('alert').waitFor();
  assert.equal(await typedText(), broken);
  noFaults();
});

test('a call that is pasted over the request is offered as the request it means', async () => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const call = `curl https://x.example/api -H 'x-api-key: s3cret' -d '{"operation": "echo", "payload": ${EXACT}}'`;
  await page.evaluate((text) => navigator.clipboard.writeText(text), call);
  await editor().click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.press('ControlOrMeta+v');
  const dialog = page.getByRole('dialog', { name: 'Paste' });
  await dialog.getByText('A curl call', { exact: true }).waitFor();
  await dialog.getByRole('button', { name: 'Use this request' }).click();
  assert.equal(withoutSpace(await typedText()), `{"operation":"echo","payload":${EXACT}}`);
  // In the middle of a text it is text.
  await editor().click();
  await page.keyboard.press('End');
  await page.keyboard.press('ControlOrMeta+v');
  assert.equal(await dialog.isVisible(), false);
  assert.ok((await typedText()).includes('s3cret'));
  noFaults();
});

test('without a mouse: find, compose, fix, send, look, and go back', async () => {
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('limit beside');
  await page.keyboard.press('Enter');
  await problems().getByText('Warning').first().waitFor();
  await page.keyboard.press('ControlOrMeta+k');
  await page.keyboard.type('item for item');
  await page.keyboard.press('Enter');
  await problems().getByText('ValidationException').waitFor();
  await page.keyboard.press('ControlOrMeta+.');
  await plan().getByText('PutItem', { exact: true }).waitFor();
  await page.keyboard.press('ControlOrMeta+Enter');
  await reply().getByText('200 OK').waitFor();
  for (const [key, name] of [['Alt+3', 'Code'], ['Alt+4', 'IAM'], ['Alt+5', 'Cost'], ['Alt+1', 'Plan']]) {
    await page.keyboard.press(key);
    assert.equal(await tab(name).getAttribute('aria-selected'), 'true', key);
  }
  await page.keyboard.press('Escape');
  await page.keyboard.type('x');
  await problems().getByText('SerializationException').waitFor();
  // Every control is reached by Tab, and shows that it is.
  const reached = new Set();
  for (let step = 0; step < 120; step++) {
    await page.keyboard.press('Tab');
    const { at, name, outline } = await page.evaluate(() => {
      let at = document.activeElement;
      while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
      return { at: at?.tagName, name: `${at?.ariaLabel ?? ''} ${at?.textContent?.trim().slice(0, 20)}`, outline: at ? getComputedStyle(at).outlineStyle : '' };
    });
    if (reached.has(name)) continue;
    reached.add(name);
    // The body is where the page begins anew.
    assert.ok(outline !== 'none' || at === 'BODY' || /Request, JSON/.test(name), `${name}: ${outline}`);
  }
  for (const name of ['Find', 'Share', 'Send', 'Paste', '2 create']) assert.ok([...reached].some((each) => each.includes(name)), `${name}: ${[...reached].join(' | ')}`);
  noFaults();
});
