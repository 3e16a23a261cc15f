// reply.test.mjs: what came back, as a tree to go on from; and what is pasted, as a request.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EXACT, editor, noFaults, page, type } from './page.mjs';

const tree = () => page.getByRole('tree', { name: 'Reply' });
const row = (name) => tree().getByRole('treeitem', { name });
const shown = async () => (await editor().innerText()).replaceAll(/\s/g, '');

async function send(text) {
  await type(text);
  await Promise.all([page.waitForResponse((each) => each.request().method() === 'POST'), page.keyboard.press('ControlOrMeta+Enter')]);
  await tree().waitFor();
}

/** Answers the next request with that text, for replies that no small table gives. */
const answer = (body) => page.route('**/dynamodbmanager', (route) => route.fulfill({ status: 200, contentType: 'application/json', body }));

const ITEM = `{"id": "tree", "n": ${EXACT}, "tags": {"$ss": ["a", "b"]}, "deep": {"list": [1, {"x": null}]}}`;

test('a reply is a tree with the type beside each value, to the digit', async () => {
  await send(`{"operation": "create", "tableName": "lambda-apigateway", "payload": {"Item": ${ITEM}}}`);
  await send('{"operation": "read", "tableName": "lambda-apigateway", "payload": {"Key": {"id": "tree"}, "ReturnConsumedCapacity": "TOTAL"}}');
  await row(`"n" ${EXACT} Number`).waitFor();
  await row(/^"tags" String set, 2/).waitFor();
  await row(/"x" null Null/).waitFor();
  assert.match(await page.locator('.figures').innerText(), /^\d+(\.\d+)? read units?$/);
  noFaults();
});

test('keys move through the tree, open it and close it', async () => {
  await answer('{"Items":[{"id":"1","m":{"a":1}},{"id":"2"}],"Count":2}');
  await send('{"operation": "list", "tableName": "lambda-apigateway"}');
  const focused = () => page.evaluate(() => document.activeElement?.querySelector('.name')?.textContent);
  const press = async (key, expected) => {
    await page.keyboard.press(key);
    await page.waitForFunction((name) => document.activeElement?.querySelector('.name')?.textContent === name, expected, { timeout: 3000 }).catch(async () => {
      assert.equal(await focused(), expected, key);
    });
  };
  await tree().locator('[tabindex="0"]').focus();
  assert.equal(await focused(), '"Items"');
  await press('ArrowDown', '0');
  await press('ArrowDown', '"id"');
  await press('ArrowDown', '"m"');
  await press('ArrowRight', '"a"');
  await press('ArrowLeft', '"m"');
  await press('ArrowLeft', '"m"');
  assert.equal(await row(/"m"/).getAttribute('aria-expanded'), 'false');
  await press('ArrowLeft', '0');
  await press('End', '"Count"');
  await press('Home', '"Items"');
  await press(' ', '"Items"');
  assert.equal(await tree().getByRole('treeitem').count(), 2);
  noFaults();
});

test('of 10,000 items a hundred are shown, and a hundred more at a time', async () => {
  const items = Array.from({ length: 10_000 }, (_, at) => `{"id":"${at}","n":${at}}`).join(',');
  await answer(`{"Items":[${items}],"Count":10000,"ScannedCount":10000,"ConsumedCapacity":{"CapacityUnits":0.5}}`);
  await send('{"operation": "list", "tableName": "lambda-apigateway"}');
  assert.equal(await page.locator('.figures').innerText(), 'Count 10000 · ScannedCount 10000 · 0.5 read units');
  assert.equal(await tree().locator('[aria-level="2"]').count(), 101);
  const started = Date.now();
  await row('100 more of 9,900').click();
  await row(/^199 /).waitFor();
  assert.ok(Date.now() - started < 2000, `${Date.now() - started} ms`);
  assert.equal(await tree().locator('[aria-level="2"]').count(), 201);
  await page.waitForFunction(() => document.activeElement?.querySelector('.name')?.textContent === '100');
  noFaults();
});

test('a request goes on from an item, in its notation and to the digit', async () => {
  await answer(`{"Items":[{"id":{"N":"${EXACT}"},"v":{"SS":["a"]}}],"Count":1}`);
  await send('{"operation": "list", "tableName": "lambda-apigateway", "options": {"format": "dynamodb"}}');
  await row(/^0 2 attributes/).hover();
  await page.getByRole('button', { name: 'Update', exact: true }).click();
  assert.equal(
    await shown(),
    `{"operation":"update","tableName":"lambda-apigateway","payload":{"Key":{"id":{"N":"${EXACT}"}},"UpdateExpression":"SET#name=:value","ExpressionAttributeNames":{"#name":"v"},"ExpressionAttributeValues":{":value":{"SS":["a"]}},"ReturnValues":"ALL_NEW"},"options":{"format":"dynamodb"}}`,
  );
  noFaults();
});

test('a value is copied as it is written', async () => {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await answer(`{"Item":{"id":"\\u0061","n":${EXACT}}}`);
  await send('{"operation": "read", "tableName": "lambda-apigateway", "payload": {"Key": {"id": "a"}}}');
  for (const [name, expected] of [['"n"', EXACT], ['"id"', '"\\u0061"']]) {
    await row(new RegExp(name)).first().hover();
    await row(new RegExp(name)).first().getByRole('button', { name: 'Copy' }).click();
    await page.getByText('Copied', { exact: true }).waitFor();
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), expected);
  }
  noFaults();
});

test('hostile names and texts are text', async () => {
  const evil = '<img src=x onerror=alert(1)>\u202e\u200b';
  await answer(`{"Item":{"__proto__":${JSON.stringify(evil)},"constructor":{"toString":1},${JSON.stringify(evil)}:1}}`);
  await send('{"operation": "read", "tableName": "lambda-apigateway", "payload": {"Key": {"id": "a"}}}');
  await row('"__proto__" "<img src=x onerror=alert(1)>\\u202e\\u200b" String').waitFor();
  await row('"toString" 1 Number').waitFor();
  assert.equal(await page.locator('img').count(), 0);
  noFaults();
});

test('a pasted curl call says what it becomes and what is dropped', async () => {
  await page.getByRole('button', { name: 'Paste', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Paste' });
  const field = dialog.getByRole('textbox');
  await field.fill(`curl https://x.example/api -H 'Authorization: Bearer s3cret' -d '{"operation": "echo", "payload": ${EXACT}}'`);
  await dialog.getByText('A curl call', { exact: true }).waitFor();
  await dialog.getByText('Dropped: address x.example, header Authorization').waitFor();
  await field.fill('aws dynamodb get-item --table-name t --key file://key.json');
  await dialog.getByText(/which a page cannot read/).waitFor();
  assert.ok(await dialog.getByRole('button', { name: 'Use this request' }).isDisabled());
  await field.fill(`{"id": {"S": "1"}, "n": {"N": "${EXACT}"}}`);
  await dialog.getByText('An item in DynamoDB JSON', { exact: true }).waitFor();
  await dialog.getByRole('button', { name: 'Use this request' }).click();
  assert.equal(
    await shown(),
    `{"operation":"create","tableName":"lambda-apigateway","payload":{"Item":{"id":{"S":"1"},"n":{"N":"${EXACT}"}}},"options":{"format":"dynamodb"}}`,
  );
  noFaults();
});
