// page.mjs: turns a running gateleg server (GATELEG_URL) into a page in Chromium for each test, and what a test says of it.
// The server must have the table `lambda-apigateway` with key `id` (S). CHROMIUM names the browser, GATELEG_BIN the program.

import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach } from 'node:test';
import { chromium } from 'playwright-core';

const URL_OF_SERVER = process.env.GATELEG_URL;
if (!URL_OF_SERVER) throw new Error('GATELEG_URL is not set; expected the address of a running gateleg server');
export const SERVER = new URL(URL_OF_SERVER);
const WIDE = { width: 1280, height: 800 };
const FLAGS =
  '--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync';

/** One more digit than a double can hold, several times over; DynamoDB would trim a final zero, so there is none. */
export const EXACT = '12345678901234567890123456789.12';

let profile;
export let browser;
export let page;
/** What the page did wrong so far. */
let faults;
/** Hosts beside the server that a test may send to. */
export const others = new Set();

before(async () => {
  profile = await mkdtemp(join(tmpdir(), 'gateleg-e2e-'));
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: FLAGS.split(' '),
    viewport: WIDE,
  });
  browser.setDefaultTimeout(15_000);
});

after(async () => {
  await browser?.close();
  if (profile) await rm(profile, { recursive: true, force: true });
});

beforeEach(async () => {
  faults = [];
  page = await opened();
  await page.evaluate(() => (localStorage.clear(), sessionStorage.clear()));
  await page.reload();
  await plan().getByText('PutItem', { exact: true }).waitFor();
});

afterEach(async () => {
  others.clear();
  await page.close();
});

/** One more tab, whose faults count too. */
export async function opened() {
  const made = await browser.newPage();
  // Chromium reports an answer that is a refusal as an error; here refusals are sent on purpose.
  const isFault = (line) => ['error', 'warning'].includes(line.type()) && !/responded with a status of 4\d\d/.test(line.text());
  made.on('console', (line) => isFault(line) && faults.push(`console: ${line.text()}`));
  made.on('pageerror', (error) => faults.push(`page error: ${error}`));
  made.on('dialog', (dialog) => (faults.push(`dialog: ${dialog.message()}`), dialog.dismiss()));
  made.on('request', (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol !== 'data:' && protocol !== 'blob:' && host !== SERVER.host && !others.has(host)) faults.push(`request to ${request.url()}`);
  });
  await made.goto(SERVER.href);
  return made;
}

/** Makes another tab the one that tests speak of. */
export function turnTo(tab) {
  page = tab;
}

/** Nothing went wrong: no error, no warning, no violation of the policy, no request to elsewhere. */
export function noFaults() {
  assert.deepEqual(faults, []);
}

/** What went wrong so far, to be expected and forgotten. */
export function takeFaults() {
  return faults.splice(0);
}

export const tab = (name) => page.getByRole('tab', { name: new RegExp(`^${name}`) });
export const panel = (name) => page.getByRole('tabpanel', { name: new RegExp(`^${name}`) });
export const plan = () => panel('Plan');
export const reply = () => panel('Reply');
export const problems = () => page.getByRole('region', { name: 'Problems' });
export const editor = () => page.getByRole('textbox', { name: 'Request, JSON' });
export const sendButton = () => page.getByRole('button', { name: /^Send\b/ });
export const withoutSpace = (text) => text.replaceAll(/\s/g, '');

/** How far an element scrolls sideways. */
export const wide = (locator) => locator.evaluate((element) => element.scrollWidth - element.clientWidth);

/** Types over whatever the editor holds, as a person pasting would. */
export async function type(text) {
  await editor().click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
}

/** What the editor holds. */
export async function typed() {
  return (await editor().locator('.cm-line').allInnerTexts()).map((line) => line.replace(/^\n$/, '')).join('\n');
}

/** Sends what is in the editor, waits for the reply to exactly that, and returns it, what is shown, and the exact text that came. */
export async function sendAndRead(press = () => sendButton().click()) {
  const [answer] = await Promise.all([page.waitForResponse((each) => each.request().method() === 'POST'), press()]);
  await reply().getByText(/^\d+ ms$/).waitFor();
  const shown = await reply().innerText();
  const raw = reply().getByRole('button', { name: 'Raw' });
  if ((await raw.getAttribute('aria-pressed')) === 'false') await raw.click();
  const body = await reply().getByRole('group', { name: 'Reply' }).evaluate((element) => element.textContent);
  await raw.click();
  return { answer, body, shown };
}
