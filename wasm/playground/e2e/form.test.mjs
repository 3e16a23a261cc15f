// form.test.mjs: the form: filled in as a newcomer would, and always in step with the text.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { noFaults, page, plan, problems, SERVER, tab } from './page.mjs';

const EXACT = '12345678901234567890.10';

const field = (name) => page.getByLabel(name, { exact: true });
const press = (name) => page.getByRole('button', { name, exact: true }).click();
const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));

/** Types over whatever the editor holds, then shows the form. */
async function start(text) {
  await tab('JSON').click();
  await page.getByRole('textbox', { name: 'Request, JSON' }).click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
  await tab('Form').click();
}

/** The text as the editor has it; the form comes back afterwards. */
async function text() {
  await tab('JSON').click();
  const held = await page.locator('.cm-content').evaluate((element) => element.cmTile?.view?.state.doc.toString() ?? element.innerText);
  await tab('Form').click();
  return held.replaceAll(/\n\n/g, '\n');
}

const choose = (name, option) => field(name).selectOption(option);
/** Types as a person does, a key at a time. */
const write = async (name, words) => {
  await field(name).click();
  await page.keyboard.type(words);
};

async function send(request) {
  const answer = await page.request.post(new URL('dynamodbmanager', SERVER).href, {
    headers: { 'content-type': 'application/json', origin: SERVER.origin },
    data: request,
  });
  return answer.text();
}

test('a newcomer makes a conditional update of a nested attribute, and never sees an expression', async () => {
  const put = '{"operation": "create", "tableName": "lambda-apigateway", "payload": {"Item": {"id": "1234ABCD", "status": "active", "version": 3, "address": {"city": "Paris"}}}}';
  await send(put);
  const from = Date.now();
  await tab('Form').click();
  await page.getByRole('combobox', { name: 'What to do' }).selectOption('update');
  assert.equal(await field('Value of id').inputValue(), '1234ABCD');
  await press('Add change to Changes');
  assert.equal(await focused(), 'Attribute of change 1');
  await page.keyboard.type('address.city');
  await write('Value of change 1', 'Berlin');
  await press('Add condition to Only on condition that');
  await page.keyboard.type('status');
  await write('Value of condition 1 of Only on condition that', 'active');
  await page.keyboard.press('Enter');
  assert.equal(await focused(), 'Attribute of condition 2 of Only on condition that');
  await page.keyboard.type('version');
  await choose('Type of condition 2 of Only on condition that', 'Number');
  await write('Value of condition 2 of Only on condition that', '3');
  await plan().getByText('UpdateItem', { exact: true }).waitFor();
  assert.ok(Date.now() - from < 60_000);
  assert.equal(await problems().count(), 0);
  assert.equal(
    await text(),
    `{
  "operation": "update",
  "tableName": "lambda-apigateway",
  "payload": {
    "Key": {"id": "1234ABCD"},
    "UpdateExpression": "SET #address.#city = :city",
    "ExpressionAttributeNames": {"#address": "address", "#city": "city", "#status": "status", "#version": "version"},
    "ExpressionAttributeValues": {":city": "Berlin", ":status": "active", ":version": 3},
    "ConditionExpression": "#status = :status AND #version = :version"
  }
}`,
  );
  const [answer] = await Promise.all([page.waitForResponse((each) => each.request().method() === 'POST'), page.keyboard.press('Control+Enter')]);
  assert.equal(answer.status(), 200);
  const read = await send('{"operation": "read", "tableName": "lambda-apigateway", "payload": {"Key": {"id": "1234ABCD"}}}');
  assert.match(read, /"city":"Berlin"/);
  noFaults();
});

test('what the form does not touch stays as it was typed', async () => {
  const before = `{ "operation":"create",\n\t"tableName": "t3t", "extra" : [1.50],\n  "payload":{"Item" : {"id":"1",  "n":${EXACT}, "m":{"a":[1e2]}}, "Itm": 1 } }`;
  await start(before);
  await field('Value of id').fill('12');
  assert.equal(await text(), before.replace('"1"', '"12"'));
  await field('Value of n').fill('0.10');
  assert.equal(await text(), before.replace('"1"', '"12"').replace(EXACT, '0.10'));
  await press('Remove Itm from the request');
  await press('Remove extra from the request');
  assert.equal(await text(), `{ "operation":"create",\n\t"tableName": "t3t", "payload":{"Item" : {"id":"12",  "n":0.10, "m":{"a":[1e2]}} } }`);
  noFaults();
});

test('the caret and the focus stay where they are', async () => {
  await field('What to do').count();
  await tab('Form').click();
  await field('Value of id').click();
  await page.keyboard.press('Home');
  await page.keyboard.type('ab');
  assert.equal(await field('Value of id').inputValue(), 'ab1234ABCD');
  const name = field('Name of attribute 1 of Item');
  await name.click();
  await page.keyboard.press('Home');
  await page.keyboard.type('number');
  assert.equal(await name.inputValue(), 'numberid');
  await field('Value of number').press('Enter');
  assert.equal(await focused(), 'Name of attribute 3 of Item');
  await page.keyboard.type('numberid');
  assert.equal(await field('Name of attribute 3 of Item').inputValue(), 'numberid');
  assert.equal(await name.inputValue(), 'numberid');
  assert.match(await text(), /"numberid": "ab1234ABCD", "number": 5, "numberid": ""/);
  await press('Remove attribute 3 of Item');
  assert.equal(await focused(), 'Remove attribute 2 of Item');
  noFaults();
});

test('changes of one clause stand together, and the focus goes with the row', async () => {
  await start('{"operation": "update", "tableName": "t3t", "payload": {"Key": {"id": "1"}, "UpdateExpression": "SET a = :a REMOVE b", "ExpressionAttributeValues": {":a": 1}}}');
  await press('Add change to Changes');
  await page.keyboard.type('count');
  assert.equal(await focused(), 'Attribute of change 2');
  await choose('What change 2 does', 'increase by');
  await field('Value of change 2').fill('1');
  assert.match(await text(), /"UpdateExpression": "SET a = :a, #count = #count \+ :count REMOVE b"/);
  await choose('What change 1 does', 'take out of set');
  assert.match(await text(), /SET #count = #count \+ :count DELETE a :a REMOVE b|DELETE a :a SET #count|REMOVE b DELETE a :a|SET #count = #count \+ :count REMOVE b DELETE a :a/);
  await plan().getByText('UpdateItem', { exact: true }).waitFor();
  noFaults();
});

test('groups, lists of values and other attributes become a condition', async () => {
  await start('{"operation": "list", "tableName": "t3t", "payload": {}}');
  const of = 'Return only items where';
  await press(`Add condition to ${of}`);
  await page.keyboard.type('a.b');
  await choose(`Comparison of condition 1 of ${of}`, 'IN');
  await write(`Value of condition 1 of ${of}`, 'x');
  await press(`Add value to condition 1 of ${of}`);
  await write(`Value of condition 1 of ${of}, value 2`, 'y');
  await press(`Add group to ${of}`);
  await write(`Attribute of condition 1 of group 2 of ${of}`, 'tags[0]');
  await choose(`Comparison of condition 1 of group 2 of ${of}`, 'attribute_exists');
  await press(`Add condition to group 2 of ${of}`);
  await page.keyboard.type('left');
  await choose(`Type of condition 2 of group 2 of ${of}`, 'other attribute');
  await write(`Attribute for condition 2 of group 2 of ${of}`, 'right');
  await choose(`How the conditions of group 2 of ${of} are joined`, 'OR');
  await page.getByLabel(`not condition 2 of ${of}`).check();
  await plan().getByText('Scan', { exact: true }).waitFor();
  assert.match(await text(), /"#a\.#b IN \(:b, :b2\) AND NOT \(attribute_exists\(#tags\[0\]\) OR #left = #right\)"/);
  noFaults();
});

test('a value keeps what it was while its type is changed, and comparisons keep their values', async () => {
  await start(`{"operation": "create", "tableName": "t3t", "payload": {"Item": {"id": "1", "m": {"a": ${EXACT}}}}}`);
  await choose('Type of m', 'S');
  assert.match(await text(), /"m": ""/);
  await start(`{"operation": "create", "tableName": "t3t", "payload": {"Item": {"id": "1", "m": {"a": ${EXACT}}}}}`);
  await choose('Type of m', 'S');
  await choose('Type of m', 'M');
  assert.equal(await field('Value of a').inputValue(), EXACT);
  await choose('Type of id', 'SS');
  await press('Add member to id');
  await page.keyboard.type('2');
  const of = 'Only on condition that';
  await press(`Add condition to ${of}`);
  await page.keyboard.type('a');
  await field(`Value of condition 1 of ${of}`).fill('x');
  for (const op of ['attribute_exists', 'attribute_type', 'BETWEEN', '<>']) await choose(`Comparison of condition 1 of ${of}`, op);
  assert.equal(await field(`Value of condition 1 of ${of}`).inputValue(), 'x');
  assert.match(await text(), /"id": \{"\$ss": \["1", "2"\]\}, "m": \{"a": 12345678901234567890\.10\}/);
  assert.match(await text(), /"#a <> :a"/);
  noFaults();
});

test('what was set aside can be put back or forgotten', async () => {
  await tab('Form').click();
  await page.getByRole('combobox', { name: 'What to do' }).selectOption('list');
  await page.getByText('Set aside from create: Item').waitFor();
  await press('Put Item back');
  await page.getByText('Also in the request: Item').waitFor();
  await page.getByText(/^Unknown parameter in input: "Item"/).first().waitFor();
  await press('Remove Item from the request');
  await plan().getByText('Scan', { exact: true }).waitFor();
  noFaults();
});

test('an expression that the form does not know is a text, and is left alone', async () => {
  const before = '{"operation":"update","tableName":"t3t","payload":{"Key":{"id":"1"},"UpdateExpression":"SET a = :a","ConditionExpression":"a  =  size(b) and :a <> c","ExpressionAttributeValues":{":a":1}}}';
  await start(before);
  await field('Value of change 1').fill('2.50');
  assert.equal(await field('Only on condition that').inputValue(), 'a  =  size(b) and :a <> c');
  const changed = await text();
  assert.ok(changed.includes('a  =  size(b) and :a <> c') && changed.includes('":a":1'), changed);
  noFaults();
});

test('another operation gives back what was typed, and a text that is not JSON is not touched', async () => {
  const first = await text();
  await tab('Form').click();
  const operation = page.getByRole('combobox', { name: 'What to do' });
  for (const each of ['update', 'batchWrite', 'echo', 'transactWrite', 'ping', 'list', 'read']) await operation.selectOption(each);
  await operation.selectOption('create');
  assert.match(await text(), /"Item": \{"id": "1234ABCD", "number": 5\}/);
  assert.ok(first.includes('"Item"'));
  await start('{"operation": "ping" "payload"}');
  await page.getByText('line 1, column 22').first().waitFor();
  await press('Edit as JSON');
  assert.equal(await page.locator('.cm-content').innerText(), '{"operation": "ping" "payload"}');
  noFaults();
});

test('batches and transactions are filled in with the same parts', async () => {
  await start('{\n  "operation": "transactWrite",\n  "tableName": "lambda-apigateway",\n  "payload": {}\n}');
  await press('Add action to Actions');
  await choose('What action 1 of Actions does', 'Update an item (Update)');
  await page.getByLabel(/^Name of attribute 1 of Which item/).fill('id');
  await field('Value of id').fill('t1');
  await page.getByRole('button', { name: /^Add change to/ }).click();
  await page.keyboard.type('n');
  await choose('What change 1 does', 'ADD');
  await field('Value of change 1').fill('1');
  await plan().getByText('TransactWriteItems', { exact: true }).waitFor();
  await start('{"operation": "batchWrite", "tableName": "lambda-apigateway", "payload": {"Delete": [{"id": "x"}]}}');
  await press('Add item to Items to put');
  await page.getByLabel(/^Name of attribute 1 of item 1 of Items to put/).fill('id');
  await page.getByLabel('Value of id').first().fill('b1');
  await plan().getByText('BatchWriteItem', { exact: true }).waitFor();
  noFaults();
});

test('at 360 px nothing is cut off', async () => {
  await page.setViewportSize({ width: 360, height: 740 });
  await start('{"operation": "update", "tableName": "t3t", "payload": {"Key": {"id": "1"}, "UpdateExpression": "SET a.b = :a", "ConditionExpression": "a = :a AND (b = :b OR NOT contains(c, :a))", "ExpressionAttributeValues": {":a": {"x": [1, [{"$ss": ["x"]}]]}, ":b": 2}}}');
  await plan().count();
  assert.equal(await page.locator('html').evaluate((element) => element.scrollWidth - element.clientWidth), 0);
  assert.equal(await page.locator('.form').evaluate((element) => element.scrollWidth - element.clientWidth), 0);
  noFaults();
});
