// paste.ts: turns what a person may paste (a curl call, an AWS CLI command, an item, a Lambda event) into the request it means.
// Values are cut from what was pasted, so that no digit is lost. INVARIANT: of headers, addresses and options that are dropped, only
// their names are kept: they may hold tokens.

import { typed } from './convert.ts';
import { member, parse, unquote, type Obj, type Value } from './json.ts';
import { prettyText } from './pretty.ts';
import { commands, type Command, type Word } from './shell.ts';
import { readShorthand } from './shorthand.ts';
import { membersAt, type Kind } from './vocabulary.ts';
import tables from './vocabulary.json';

export type From = 'curl' | 'AWS CLI' | 'DynamoDB JSON item' | 'item' | 'reply' | 'Lambda event' | 'request';

export interface Pasted {
  from: From;
  request: string;
  /** What of it is not in the request, in words. */
  dropped: string[];
}

/** Recognised, but it does not say all that the request needs. */
export interface Unreadable {
  from: From;
  fault: string;
}

/** The request that a text means; `table` is for items, which name none. Undefined where it means none. */
export function readPaste(text: string, table = 'table'): Pasted | Unreadable | undefined {
  const found = /^\s*\{/.test(text) ? readObject(text, table) : readShell(text);
  if (!found || 'fault' in found) return found;
  return { ...found, dropped: [...new Set(found.dropped)] };
}

/** What an editor offers to do with a text that was pasted over everything: calls and events, which are never meant as they stand. */
export function offer(text: string): Pasted | undefined {
  const found = readPaste(text);
  if (!found || 'fault' in found) return undefined;
  return found.from === 'curl' || found.from === 'AWS CLI' || found.from === 'Lambda event' ? found : undefined;
}

/** Option names without their dashes, and the text of each; a flag has none. */
type Given = Map<string, Word[]>;

const CALLS = new Map(
  Object.entries(tables.operations).flatMap(([name, operation]) => ('call' in operation ? [[operation.call, name] as const] : [])),
);

class Fault {
  constructor(readonly fault: string) {}
}

// ---- Objects

function readObject(text: string, table: string): Pasted | Unreadable | undefined {
  const root = rootOf(text);
  if (root?.kind !== 'object') return undefined;
  const cut = (value: Value) => text.slice(value.start, value.end);
  const has = (name: string) => member(text, root, name)?.value;
  const others = (...names: string[]) =>
    root.members.map(({ key }) => unquote(text, key)).filter((name) => !names.includes(name));
  const operation = has('operation');
  const isKnown = operation?.kind === 'string' && Object.hasOwn(tables.operations, unquote(text, operation));
  // A direct invocation's event is the request itself.
  if (isKnown || (has('payload') && (operation ?? has('tableName')))) return { from: 'request', request: text.trim(), dropped: [] };

  const body = has('body');
  if (body?.kind === 'string' && (has('requestContext') || has('httpMethod') || has('isBase64Encoded') || has('headers'))) {
    const flag = has('isBase64Encoded');
    const request = flag && cut(flag) === 'true' ? fromBase64(unquote(text, body)) : unquote(text, body);
    const from = 'Lambda event';
    if (request === undefined || rootOf(request)?.kind !== 'object') return { from, fault: 'The body of this event is not a JSON object.' };
    return { from, request: request.trim(), dropped: others('body', 'isBase64Encoded') };
  }

  const name = JSON.stringify(table);
  const of = (from: From, operation: string, payload: string, isTyped: boolean, dropped: string[] = []): Pasted => {
    const options = isTyped ? ',"options":{"format":"dynamodb"}' : '';
    return { from, request: tidy(`{"operation":"${operation}","tableName":${name},"payload":${payload}${options}}`), dropped };
  };
  const item = has('Item');
  const around = ['Item', 'Items', 'Count', 'ScannedCount', 'LastEvaluatedKey', 'ConsumedCapacity', 'ResponseMetadata', 'NextToken'];
  if (others(...around).length === 0) {
    if (item?.kind === 'object') return of('reply', 'create', `{"Item":${cut(item)}}`, isTypedItem(text, item), others('Item'));
    const items = has('Items');
    if (items?.kind === 'array' && items.items.length > 0 && items.items.every(({ kind }) => kind === 'object')) {
      const isTyped = items.items.every((each) => isTypedItem(text, each as Obj));
      return of('reply', 'batchWrite', `{"Put":${cut(items)}}`, isTyped, others('Items'));
    }
  }
  if (isTypedItem(text, root)) return of('DynamoDB JSON item', 'create', `{"Item":${cut(root)}}`, true);
  return root.members.length > 0 ? of('item', 'create', `{"Item":${cut(root)}}`, false) : undefined;
}

/** Whether every attribute is an object with one member, which is a type with what it holds. */
function isTypedItem(text: string, { members }: Obj): boolean {
  return members.length > 0 && members.every(({ value }) => {
    const found = value.kind === 'object' && value.members.length === 1 ? typed(text, value) : undefined;
    if (!found) return false;
    const { type, inner } = found;
    if (type === 'BOOL' || type === 'NULL') return inner.kind === 'word';
    return inner.kind === (type === 'M' ? 'object' : type === 'L' || type.length === 2 ? 'array' : 'string');
  });
}

function fromBase64(text: string): string | undefined {
  try {
    const bytes = Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

// ---- Commands

function readShell(text: string): Pasted | Unreadable | undefined {
  if (!/\b(?:curl|aws)(?:\.exe)?\b/.test(text)) return undefined;
  const all = commands(text.replace(/^\s*\$ /, ''));
  const program = (name: string) =>
    all.flatMap((command) => {
      const at = command.words.findIndex(({ text: word }) => !/^\w+=/.test(word) && word !== 'sudo');
      const isIt = at >= 0 && new RegExp(`(?:^|/)${name}(?:\\.exe)?$`).test(command.words[at]?.text ?? '');
      return isIt ? [{ ...command, words: command.words.slice(at + 1) }] : [];
    });
  const [curl] = program('curl');
  const aws = program('aws').flatMap(readAws);
  const from = aws.length > 0 ? 'AWS CLI' : 'curl';
  try {
    if (aws.length > 0) return fromAws(aws, all);
    return curl && fromCurl(curl);
  } catch (reason) {
    if (reason instanceof Fault) return { from, fault: reason.fault };
    throw reason;
  }
}

const SHORT: Record<string, string> = {
  H: 'header', d: 'data', X: 'request', u: 'user', A: 'user-agent', e: 'referer', b: 'cookie', o: 'output',
};
const CURL_FLAG =
  /^(?:compressed|insecure|silent|show-error|location|fail|fail-with-body|verbose|include|globoff|get|head|progress-bar|http[0-9].*|ipv[46]|tlsv1.*|no-.*)$/;

function fromCurl({ words, stdin }: Command): Pasted | Unreadable {
  const dropped: string[] = [];
  const data: string[] = [];
  let call: string | undefined;
  const take = (name: string, word: Word | undefined) => {
    const value = word?.text ?? '';
    if (name === 'header') {
      const header = value.split(':')[0]?.trim() ?? '';
      if (header.toLowerCase() === 'x-amz-target') call = /:\s*DynamoDB_\d+\.(\w+)\s*$/.exec(value)?.[1];
      else dropped.push(`header ${header}`);
    } else if (/^(?:data|data-raw|data-binary|data-ascii|json)$/.test(name)) {
      const isFile = name !== 'data-raw' && value.startsWith('@');
      const source = isFile && value === '@-' ? stdin : word;
      if (isFile && !(value === '@-' && stdin)) throw inFile('The body', value);
      data.push(filled(source).text);
    } else if (name === 'url') {
      dropped.push(`address ${/^(?:\w+:\/\/)?(?:[^/@]*@)?([^/?#]*)/.exec(value)?.[1] ?? ''}`);
    } else if (name !== 'request' && !CURL_FLAG.test(name)) dropped.push(`option ${name.length > 1 ? '--' : '-'}${name}`);
  };
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as Word;
    const [, long, joined] = /^--([\w.-]+)(?:=([^]*))?$/.exec(word.text) ?? [];
    const next = words[at + 1];
    if (long !== undefined) {
      const takes = joined === undefined && !CURL_FLAG.test(long) && next !== undefined && !/^-\w/.test(next.text);
      take(long, takes ? next : { ...word, text: joined ?? '' });
      if (takes) at += 1;
    } else if (/^-\w/.test(word.text)) {
      // Letters in one word are flags, up to the first that takes the rest of the word or the next.
      const letters = word.text.slice(1);
      const found = [...letters].findIndex((letter) => 'HdXuAebomxwFcCDEKPQrtTUyYz'.includes(letter));
      if (found < 0) continue;
      const letter = letters[found] ?? '';
      const rest = letters.slice(found + 1);
      take(Object.hasOwn(SHORT, letter) ? (SHORT[letter] ?? letter) : letter, rest ? { ...word, text: rest } : next);
      if (!rest) at += 1;
    } else take('url', word);
  }
  const from = 'curl';
  const body = data.join('&').trim();
  const root = rootOf(body);
  if (data.length === 0) return { from, fault: 'This call has no body.' };
  if (root?.kind !== 'object') return { from, fault: 'The body of this call is not a JSON object.' };
  if (call !== undefined) return { from, request: fromWire(call, body), dropped };
  if (!member(body, root, 'operation')) return { from, fault: 'The body of this call is no request: it has no operation.' };
  return { from, request: body, dropped };
}

interface Invocation {
  call: string;
  given: Given;
}

/** Options that say how the AWS CLI works, not what it asks for. */
const GLOBAL = new Set(
  (
    'region profile endpoint-url output query debug color ca-bundle no-verify-ssl no-sign-request cli-read-timeout ' +
    'cli-connect-timeout cli-binary-format no-cli-pager cli-auto-prompt no-cli-auto-prompt'
  ).split(' '),
);
const AWS_FLAG = /^(?:no-.*|debug|cli-auto-prompt|consistent-read|scan-index-forward)$/;

/** The words of a call of DynamoDB by the AWS CLI, in order. */
function readAws({ words }: Command): Invocation[] {
  const given: Given = new Map();
  const plain: string[] = [];
  let open: Word[] | undefined;
  for (const word of words) {
    const [, name, joined] = /^--([a-z][a-z0-9-]*)(?:=([^]*))?$/.exec(word.text) ?? [];
    if (name !== undefined) {
      const values: Word[] = joined === undefined ? [] : [{ ...word, text: joined }];
      given.set(name, values);
      open = joined === undefined && !AWS_FLAG.test(name) ? values : undefined;
    } else if (open && (plain.length === 2 || open.length === 0)) open.push(word);
    else plain.push(word.text);
  }
  const [service, command = ''] = plain;
  return service === 'dynamodb' ? [{ call: pascal(command), given }] : [];
}

function fromAws(invocations: Invocation[], all: Command[]): Pasted {
  const dropped: string[] = [];
  let request: string | undefined;
  let count = 0;
  for (const { call, given } of invocations) {
    const next = fromInvocation(call, given, all, count, dropped);
    count += 1;
    const joined = request === undefined ? next : join(request, next);
    if (joined === undefined) dropped.push(`command ${count} of ${invocations.length}`);
    else request = joined;
  }
  return { from: 'AWS CLI', request: tidy(request ?? ''), dropped };
}

function fromInvocation(call: string, given: Given, all: Command[], index: number, dropped: string[]): string {
  const operation = operationOf(call);
  const around = { operation, hasTableName: false };
  const known = new Map((membersAt(['payload'], around) ?? []).map(({ name, kind }) => [name, kind]));
  const options: string[] = [];
  const members: string[] = [];
  let table: string | undefined;
  const isPaged = known.has('ExclusiveStartKey') && !given.has('no-paginate') && !given.has('limit') && !given.has('exclusive-start-key');
  for (const [name, values] of given) {
    const [first] = values;
    if (name === 'cli-binary-format' && first?.text.startsWith('raw')) {
      throw new Fault('Binary values are not in base64 here (--cli-binary-format).');
    }
    if (name === 'no-paginate' || GLOBAL.has(name)) {
      if (name !== 'no-paginate') dropped.push(`option --${name}`);
    } else if (name === 'table-name') table = JSON.stringify(filled(first).text);
    else if (name === 'page-size') members.push(`"Limit":${whole(first)}`);
    else if (name === 'max-items' && known.has('Limit')) options.push(`"maxItems":${whole(first)}`);
    else if (name === 'cli-input-json') {
      const read = unwrap(payloadOf(first, all, index));
      table ??= read.table;
      members.push(...read.members);
    } else {
      const isOff = name.startsWith('no-');
      const member = pascal(isOff ? name.slice(3) : name);
      const value = values.length === 0 ? String(!isOff) : written(name, values, known.get(member));
      members.push(`${JSON.stringify(member)}:${value}`);
    }
  }
  if (isPaged && !given.has('max-items')) options.push('"all":true');
  return request(operation, table, members, options);
}

/** The value of an option as JSON. */
function written(name: string, values: readonly Word[], kind: Kind | undefined): string {
  const texts = values.map((word) => {
    const { text } = filled(word);
    if (/^fileb?:\/\//.test(text)) throw inFile(`--${name}`, text);
    return text;
  });
  const [text = ''] = texts;
  if (kind === 'integer') return whole(values[0]);
  if (kind === undefined || typeof kind === 'string' ? kind !== 'attributes' : 'words' in kind) return JSON.stringify(text);
  const isTexts = typeof kind === 'object' && 'list' in kind && kind.list === 'text';
  const parts = texts.map((each) => {
    const value = /^\s*[[{]/.test(each) ? each : isTexts ? JSON.stringify(each) : readShorthand(each);
    if (value === undefined || !rootOf(value)) throw new Fault(`--${name} is not JSON: ${each.slice(0, 60)}`);
    return value;
  });
  const isList = typeof kind === 'object' && 'list' in kind;
  return isList && !/^\s*\[/.test(parts[0] ?? '') ? `[${parts.join(',')}]` : (parts[0] ?? '');
}

/** What `--cli-input-json` names: text, or a file that a command before has written. */
function payloadOf(word: Word | undefined, all: Command[], index: number): string {
  const path = /^file:\/\/(.*)$/s.exec(word?.text ?? '')?.[1];
  if (path === undefined) return filled(word).text;
  const wrote = all.filter(({ output, stdin }) => stdin && output === path);
  const source = wrote[index] ?? wrote.at(-1);
  if (!source) throw inFile('--cli-input-json', word?.text ?? '');
  return filled(source.stdin).text;
}

// ---- What the two have in common

function fromWire(call: string, body: string): string {
  const { table, members } = unwrap(body);
  return tidy(request(operationOf(call), table, members, []));
}

/** The parameters of a call, and its table by itself. */
function unwrap(body: string): { table?: string; members: string[] } {
  const root = rootOf(body);
  if (root?.kind !== 'object') throw new Fault('The parameters are not a JSON object.');
  const table = member(body, root, 'TableName');
  const members = root.members.filter((each) => each !== table).map(({ key, value }) => body.slice(key.start, value.end));
  return { members, ...(table && { table: body.slice(table.value.start, table.value.end) }) };
}

function request(operation: string, table: string | undefined, members: string[], options: string[]): string {
  const name = table === undefined ? '' : `"tableName":${table},`;
  return `{"operation":"${operation}",${name}"payload":{${members.join(',')}},"options":{${['"format":"dynamodb"', ...options].join(',')}}}`;
}

function operationOf(call: string): string {
  const operation = CALLS.get(call);
  if (operation === undefined) throw new Fault(`No operation of a request makes the call ${call}.`);
  return operation;
}

/** One batch of two; undefined where they are no batch, or differ in more than what they hold. */
function join(one: string, other: string): string | undefined {
  if (!one.startsWith('{"operation":"batch')) return undefined;
  const merged = merge(one, other);
  return merged !== undefined && rootOf(merged) ? merged : undefined;
}

function merge(one: string, other: string): string | undefined {
  if (one === other) return one;
  const [a, b] = [rootOf(one), rootOf(other)];
  const slice = (text: string, value: Value) => text.slice(value.start, value.end);
  if (a?.kind === 'array' && b?.kind === 'array') {
    return `[${[...a.items.map((each) => slice(one, each)), ...b.items.map((each) => slice(other, each))].join(',')}]`;
  }
  if (a?.kind !== 'object' || b?.kind !== 'object') return undefined;
  const members = new Map(a.members.map(({ key, value }) => [unquote(one, key), slice(one, value)]));
  for (const { key, value } of b.members) {
    const name = unquote(other, key);
    const before = members.get(name);
    const merged = before === undefined ? slice(other, value) : merge(before, slice(other, value));
    if (merged === undefined) return undefined;
    members.set(name, merged);
  }
  return `{${[...members].map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
}

function filled(word: Word | undefined): Word {
  if (word?.open !== undefined) throw new Fault(`There is ${word.open} in it, which only a shell can fill in. Put its value there.`);
  return word ?? { text: '' };
}

function inFile(what: string, path: string): Fault {
  return new Fault(`${what} is in a file (${path}), which a page cannot read. Paste its text in its place.`);
}

function whole(word: Word | undefined): string {
  const { text } = filled(word);
  if (!/^[0-9]+$/.test(text)) throw new Fault(`Expected a whole number, but found ${text.slice(0, 40)}.`);
  return String(BigInt(text));
}

function pascal(kebab: string): string {
  return kebab.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function tidy(text: string): string {
  return prettyText(text) ?? text;
}

function rootOf(text: string): Value | undefined {
  const parsed = parse(text);
  return 'root' in parsed ? parsed.root : undefined;
}
