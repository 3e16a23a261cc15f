// answers.test.mjs: what the page makes of a request beside its plan: words, code, policy, cost.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { EXACT, SERVER, noFaults, page, panel, plan, tab, type } from './page.mjs';

const GATELEG = process.env.GATELEG_BIN;
const QUERY = `{"operation": "query", "tableName": "lambda-apigateway", "payload": {"KeyConditionExpression": "id = :id", "FilterExpression": "n > :n", "ExpressionAttributeValues": {":id": "é'\\"$HOME", ":n": ${EXACT}}, "Limit": 3}}`;

/** What the command line says of the same request. */
async function gateleg(request, ...options) {
  const folder = await mkdtemp(join(tmpdir(), 'gateleg-answers-'));
  try {
    const file = join(folder, 'request.json');
    await writeFile(file, request);
    return (await promisify(execFile)(GATELEG, ['plan', file, ...options])).stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('the plan says in plain words what it does, and what it costs', async () => {
  await plan().getByText('Puts an item of 2 attributes (id and number) into lambda-apigateway.').waitFor();
  assert.match(await plan().innerText(), /18 bytes, 1 write unit or more: \$0\.63 or more per million of such requests/);
  noFaults();
});

test('the code of every client is what the command line writes', { skip: GATELEG ? false : 'GATELEG_BIN is not set' }, async () => {
  await type(QUERY);
  await page.keyboard.press('Alt+3');
  const clients = await page.getByRole('combobox', { name: 'Client' }).locator('option').evaluateAll((all) => all.map(({ value }) => value));
  assert.ok(clients.length >= 10, clients.join());
  for (const client of clients) {
    await page.getByRole('combobox', { name: 'Client' }).selectOption(client);
    const shown = await panel('Code').getByRole('group', { name: /code$/ }).evaluate((element) => element.textContent);
    assert.equal(shown, await gateleg(QUERY, '--as', client, '--endpoint', `${SERVER.href}dynamodbmanager`), client);
  }
  // The one that was used last is there after a reload.
  await page.reload();
  await tab('Code').click();
  await page.getByRole('combobox', { name: 'Client' }).and(page.locator(':focus, *')).waitFor();
  assert.equal(await page.getByRole('combobox', { name: 'Client' }).inputValue(), clients.at(-1));
  noFaults();
});

test('a request that is refused has no code, no policy and no cost, and each says why', async () => {
  await type('{"operation": "read", "tableName": "lambda-apigateway", "payload": {"key": {"id": "1"}}}');
  await tab('Code').click();
  await panel('Code').getByText('ValidationException').waitFor();
  await tab('IAM').click();
  await panel('IAM').getByText('A request that is refused needs no rights.').waitFor();
  await tab('Cost').click();
  await panel('Cost').getByText('A request that is refused costs nothing.').waitFor();
  noFaults();
});

test('the policy names the one action and table, and the cost its units', async () => {
  await type('{"operation": "list", "tableName": "lambda-apigateway", "payload": {"IndexName": "by-number"}}');
  await tab('IAM').click();
  const policy = JSON.parse(await panel('IAM').getByRole('group', { name: 'IAM policy' }).innerText());
  assert.deepEqual(policy.Statement, [
    { Effect: 'Allow', Action: ['dynamodb:Scan'], Resource: ['arn:aws:dynamodb:REGION:ACCOUNT:table/lambda-apigateway/index/by-number'] },
  ]);
  await tab('Cost').click();
  await panel('Cost').getByText('0.5 to 128 read units', { exact: true }).waitFor();
  await panel('Cost').getByText('$0.063 to $16', { exact: true }).waitFor();
  noFaults();
});

test('the tabs are a row that arrow keys walk along', async () => {
  await tab('Plan').focus();
  for (const name of ['Reply', 'Code', 'IAM', 'Cost', 'Plan']) {
    await page.keyboard.press('ArrowRight');
    assert.equal(await tab(name).getAttribute('aria-selected'), 'true', name);
    assert.ok(await tab(name).evaluate((element) => element === document.activeElement), name);
  }
  noFaults();
});
