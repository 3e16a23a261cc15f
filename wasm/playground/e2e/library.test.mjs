// library.test.mjs: examples, collections, history, the search over everything, and the keys.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { EXACT, editor, noFaults, opened, page, panel, problems, reply, SERVER, turnTo, type } from './page.mjs';

const REQUEST = `{"operation": "create", "tableName": "orders", "payload": {"Item": {"id": "e2e", "n": ${EXACT}}}}`;

const text = async () => (await editor().innerText()).trim();
const part = (name, of = page) => of.getByRole('region', { name, exact: true });
const collections = () => part('My collections');
const button = (name, of = page) => of.getByRole('button', { name, exact: true });
const palette = () => page.getByRole('dialog', { name: 'Find anything' });
const notice = () => page.locator('nav .notice');

async function save(name, into, words = REQUEST) {
  await type(words);
  await button('Save…', collections()).click();
  const dialog = page.getByRole('dialog', { name: 'Save this request' });
  await dialog.getByLabel('Name').fill(name);
  await dialog.getByLabel('Collection').fill(into);
  await button('Save', dialog).click();
  await dialog.waitFor({ state: 'hidden' });
}

/** Opens a collection whose button says its name and how many it holds. */
const unfold = (name) => collections().getByRole('button', { name: new RegExp(`^${name} ?\\d+$`) }).click();
const names = (name) => collections().getByRole('list', { name }).locator('.row .name').allInnerTexts();

async function find(letters) {
  await page.keyboard.press('ControlOrMeta+k');
  await palette().waitFor();
  await page.keyboard.type(letters);
}

async function send(words) {
  if (words !== undefined) await type(words);
  // While one request is under way, no other is sent.
  await page.getByRole('button', { name: /^Send/, disabled: false }).waitFor();
  const [answer] = await Promise.all([
    page.waitForResponse((each) => each.request().method() === 'POST'),
    page.keyboard.press('ControlOrMeta+Enter'),
  ]);
  return answer;
}

test('every example but the mistakes succeeds, in order, and has a link', async () => {
  const ids = ['1234ABCD', 'order-1', '1235', '1236', '1237', 'exact', 'typed'];
  await send(`{"operation": "batchWrite", "tableName": "lambda-apigateway", "payload": {"Delete": [${ids.map((id) => `{"id": "${id}"}`)}]}}`);
  for (const group of ['Tutorial', 'Operations']) {
    const section = part(group);
    if (!(await section.getByRole('listitem').count())) await section.getByText(group, { exact: true }).click();
    for (const row of await section.locator('.row').all()) {
      await row.click();
      const answer = await send();
      assert.equal(answer.status(), 200, await row.innerText());
      await reply().getByText(/^\d+ ms$/).waitFor();
    }
  }
  await page.goto('about:blank');
  await page.goto(`${SERVER.href}#example=mistake-select`);
  await problems().getByText('Cannot specify the ProjectionExpression').waitFor();
  await part('Famous mistakes').getByText('Select beside a projection').waitFor();
  noFaults();
});

test('what was sent is in the history, comes back at a click, and is forgotten', async () => {
  const echo = `{"operation": "echo", "payload": ${EXACT}}`;
  await send(echo);
  await part('History').getByText('200').waitFor();
  await send();
  await type('{"operation": "nothing"}');
  await send();
  await part('History').getByText('400').waitFor();
  assert.equal(await part('History').locator('.row').count(), 2);
  await part('History').locator('.row', { hasText: 'echo' }).click();
  assert.equal(await text(), echo);
  await page.reload();
  await button('Forget nothing', part('History')).click();
  assert.equal(await part('History').locator('.row').count(), 1);
  await button('Clear history', part('History')).click();
  await part('History').getByText('Every request that is sent is kept here').waitFor();
  await button('Undo', notice()).click();
  assert.equal(await part('History').locator('.row').count(), 1);
  noFaults();
});

test('a request is saved, renamed, moved by mouse and by key, copied, deleted, and brought back', async () => {
  for (const name of ['one', 'two', 'three']) await save(name, 'Shop', REQUEST.replace('e2e', name));
  await unfold('Shop');
  assert.deepEqual(await names('Shop'), ['one', 'two', 'three']);
  await button('two', collections()).click();
  assert.equal(await text(), REQUEST.replace('e2e', 'two'));
  await page.keyboard.press('Alt+ArrowUp');
  assert.deepEqual(await names('Shop'), ['two', 'one', 'three']);
  await page.keyboard.press('Alt+ArrowDown');
  await page.keyboard.press('Alt+ArrowDown');
  assert.deepEqual(await names('Shop'), ['one', 'three', 'two']);
  await page.keyboard.press('F2');
  await page.keyboard.type('second');
  await page.keyboard.press('Enter');
  assert.deepEqual(await names('Shop'), ['one', 'three', 'second']);
  await button('Change one', collections()).click();
  const tools = collections().getByRole('group', { name: 'Change one' });
  await button('Down', tools).click();
  await button('Duplicate', tools).click();
  assert.deepEqual(await names('Shop'), ['three', 'one', 'one (2)', 'second']);
  await button('Delete', tools).click();
  assert.deepEqual(await names('Shop'), ['three', 'one (2)', 'second']);
  await page.keyboard.press('Enter');
  assert.deepEqual(await names('Shop'), ['three', 'one', 'one (2)', 'second']);
  await page.reload();
  assert.deepEqual(await names('Shop'), ['three', 'one', 'one (2)', 'second']);
  noFaults();
});

test('saving under a name that is taken says so first', async () => {
  await save('one', 'Shop');
  await type('{"operation": "ping"}');
  await button('Save…', collections()).click();
  const dialog = page.getByRole('dialog', { name: 'Save this request' });
  await dialog.getByLabel('Name').fill('one');
  await dialog.getByText('There is one of that name').waitFor();
  await button('Replace', dialog).click();
  await unfold('Shop');
  assert.deepEqual(await names('Shop'), ['one']);
  noFaults();
});

test('collections leave as a file and come back to the digit; a wrong file changes nothing', async () => {
  await save('exact', 'Shop');
  const [download] = await Promise.all([page.waitForEvent('download'), button('Export all', collections()).click()]);
  assert.equal(download.suggestedFilename(), 'collections.gateleg.json');
  const file = await readFile(await download.path());
  assert.equal(JSON.parse(file).collections[0].requests[0].text, REQUEST);
  const give = (buffer) => collections().locator('input[type=file]').setInputFiles({ name: 'f.json', mimeType: 'application/json', buffer });
  await give(file);
  await notice().getByText('Imported 0 requests; 1 was here already.').waitFor();
  const before = await page.evaluate(() => localStorage.getItem('gateleg.collections'));
  await give(Buffer.from('{"gateleg": "collections", "version": 1, "collections": [{"name": "<b>", "requests": [{"name": "x", "text": 1}]}]}'));
  await notice().getByText('collections[0].requests[0].text: expected a string, but found a number').waitFor();
  await give(Buffer.from([0x7b, 0xff, 0x7d]));
  await notice().getByText('expected text in UTF-8').waitFor();
  assert.equal(await page.evaluate(() => localStorage.getItem('gateleg.collections')), before);
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  const transfer = await page.evaluateHandle((dropped) => {
    const data = new DataTransfer();
    data.items.add(new File([dropped], 'f.json', { type: 'application/json' }));
    return data;
  }, file.toString());
  await collections().dispatchEvent('drop', { dataTransfer: transfer });
  await notice().getByText('Imported 1 request.').waitFor();
  await unfold('Shop');
  await button('exact', collections()).click();
  assert.equal(await text(), REQUEST);
  noFaults();
});

test('two tabs show the same, and lose nothing of each other\'s', async () => {
  const first = page;
  const second = await opened();
  await save('left', 'Shop');
  turnTo(second);
  await collections().getByText('Shop').waitFor();
  await save('right', 'Shop');
  await send('{"operation": "ping"}');
  turnTo(first);
  await part('History').getByText('ping').waitFor();
  await unfold('Shop');
  assert.deepEqual(await names('Shop'), ['left', 'right']);
  await second.close();
  noFaults();
});

test('a collection goes to IAM as it is', async () => {
  await save('one', 'Shop');
  await unfold('Shop');
  await button('IAM for these 1 request', collections()).click();
  await panel('IAM').getByText('Shop: 1 request').waitFor();
  await panel('IAM').getByText('dynamodb:PutItem').waitFor();
  await button('This request only', panel('IAM')).click();
  await panel('IAM').getByText('The least that this request needs').waitFor();
  noFaults();
});

test('one search finds examples, operations, tables, saved requests, history and actions', async () => {
  await save('my orders', 'Shop');
  await find('list pages');
  const selected = palette().getByRole('option', { selected: true });
  const first = (words) => selected.getByText(words).first().waitFor();
  const holds = (words) => editor().getByText(words).first().waitFor();
  await first('list, all pages');
  assert.equal(await palette().getByRole('combobox').getAttribute('aria-activedescendant'), await selected.getAttribute('id'));
  await page.keyboard.press('Enter');
  await palette().waitFor({ state: 'hidden' });
  await holds('"all": true');
  for (const [letters, name, then] of [
    ['table orders', 'orders', '"orders"'],
    ['operation delete', 'delete', '"delete"'],
    ['my orders', 'my orders', EXACT],
  ]) {
    await find(letters);
    await first(name);
    await page.keyboard.press('Enter');
    await holds(then);
  }
  assert.equal(await text(), REQUEST);
  await find('send');
  await first('Send');
  await page.keyboard.press('Enter');
  await part('History').getByText('create e2e').waitFor();
  await find('create e2e history');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowUp');
  await first('create e2e');
  await page.keyboard.press('Escape');
  await palette().waitFor({ state: 'hidden' });
  await find('zzzz');
  await palette().getByText('Nothing here is called that.').waitFor();
  await page.keyboard.press('ControlOrMeta+k');
  await palette().waitFor({ state: 'hidden' });
  noFaults();
});

test('? lists the keys, but is a letter where one types', async () => {
  await type('?');
  assert.equal(await text(), '?');
  const keys = page.getByRole('dialog', { name: 'Keys' });
  assert.equal(await keys.isVisible(), false);
  await page.locator('h1').click();
  await page.keyboard.press('?');
  await keys.getByText('Ctrl+Enter').waitFor();
  await page.keyboard.press('Escape');
  await keys.waitFor({ state: 'hidden' });
  noFaults();
});

test('what is folded stays folded', async () => {
  await part('Tutorial').getByText('Tutorial').click();
  await part('Famous mistakes').getByText('Famous mistakes').click();
  await page.evaluate(() => localStorage.removeItem('gateleg.playground'));
  await page.goto('about:blank');
  await page.goto(`${SERVER.href}#example=mistake-limit`);
  await part('Famous mistakes').getByText('Limit 0').waitFor();
  await page.locator('nav .row[aria-current]').getByText('Limit 0').waitFor();
  await page.reload();
  await part('Famous mistakes').getByText('Limit 0').waitFor();
  assert.equal(await part('Tutorial').getByText('1 echo').isVisible(), false);
  noFaults();
});

test('on a small screen there is a menu of all, and the library behind a button', async () => {
  await save('mine', 'Shop');
  await page.setViewportSize({ width: 360, height: 740 });
  const menu = page.getByRole('combobox', { name: 'Example' });
  await menu.selectOption({ label: 'exact values' });
  assert.match(await text(), /"price": 12345678901234567890123456789.12/);
  await menu.selectOption({ label: 'mine' });
  assert.equal(await text(), REQUEST);
  await button('Library').click();
  const dialog = page.getByRole('dialog', { name: 'Library' });
  await button('3 read', dialog).click();
  await dialog.waitFor({ state: 'hidden' });
  assert.match(await text(), /"operation": "read"/);
  assert.equal(await page.locator('html').evaluate((element) => element.scrollWidth - element.clientWidth), 0);
  noFaults();
});
