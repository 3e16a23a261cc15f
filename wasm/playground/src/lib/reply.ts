// reply.ts: turns a reply's exact text into the rows of a tree, the figures above it, and the requests that go on from an item.
// Values are cut from the reply as they stand, in the reply's own notation, so that no digit is lost on the way.

import { notationOf, tagged, typed, type Notation } from './convert.ts';
import { member, parse, unquote, type Range, type Value } from './json.ts';
import { prettyText } from './pretty.ts';

/** What a value stands for: a part of the reply, items, one item, an attribute value, or only JSON. */
type Role = 'reply' | 'tables' | 'items' | 'item' | 'value' | 'json';

/** One row of the tree: a value, and what it is called where it stands. */
export interface Node {
  /** The same for the same place of any reply; no two have the same. */
  id: string;
  /** The key as it is written, in quotes, or the place in a list. */
  name: string;
  /** The whole value, type or tag included. */
  raw: Range;
  /** What is shown of it. */
  shown: Value;
  /** DynamoDB's type of an attribute value, in words. */
  type?: string;
  /** Whether requests can go on from it. */
  isItem: boolean;
  /** How many rows are within. */
  size: number;
  role: Role;
  /** The key of the table it came from, as it is written. */
  table?: Range;
  path: readonly (string | number)[];
}

const WORDS = new Map(
  Object.entries({
    S: 'String', N: 'Number', B: 'Binary', BOOL: 'Boolean', NULL: 'Null', M: 'Map', L: 'List',
    SS: 'String set', NS: 'Number set', BS: 'Binary set',
  }),
);
/** Members of a reply that hold attributes, or lists of them. */
const ITEM = new Set(['Item', 'Attributes', 'Key', 'LastEvaluatedKey', 'ExclusiveStartKey', 'ItemCollectionKey', 'after']);
const ITEMS = new Set(['Items', 'Keys']);
const TABLES = new Set(['UnprocessedItems', 'UnprocessedKeys', 'RequestItems']);
/** Of these an item can be read again by its key: the others are keys, or of no table that is known. */
const WHOLE = new Set(['Item', 'Attributes', 'Items', 'Responses']);

export class ReplyText {
  readonly root: Node | undefined;
  private readonly format: Notation;

  constructor(
    readonly text: string,
    readonly request: string,
  ) {
    this.format = notationOf(request);
    const parsed = parse(text);
    if ('root' in parsed) {
      const operation = stringAt(request, rootOf(request), 'operation');
      const isPlain = operation === 'echo' || operation === 'ping' || member(text, parsed.root, 'commands') !== undefined;
      this.root = this.node('', [], parsed.root, isPlain ? 'json' : 'reply');
    }
  }

  /** The rows `from` to `to` within a row. */
  children({ shown, role, path, table }: Node, from = 0, to = Infinity): Node[] {
    if (shown.kind === 'array') {
      const inner = role === 'items' ? 'item' : role;
      return shown.items.slice(from, to).map((item, at) => this.node(String(from + at), [...path, from + at], item, inner, table));
    }
    if (shown.kind !== 'object') return [];
    return shown.members.slice(from, to).map(({ key, value }) => {
      const name = unquote(this.text, key);
      const inner = this.role(role, name, value, path);
      const isTable = (role === 'tables' && value.kind === 'array') || (path.at(-1) === 'Responses' && inner === 'items');
      return this.node(this.text.slice(key.start, key.end), [...path, name], value, inner, isTable ? key : table);
    });
  }

  /** What was counted and consumed: `Count 25`, `0.5 read units`. */
  figures(): string[] {
    const { text, root } = this;
    if (!root || root.role === 'json') return [];
    const cut = (of: Value | undefined, name: string) => {
      const value = member(text, of, name)?.value;
      return value && value.kind !== 'object' && value.kind !== 'array' ? text.slice(value.start, value.end) : undefined;
    };
    const counts = ['Count', 'ScannedCount'].flatMap((name) => {
      const count = cut(root.shown, name);
      return count === undefined ? [] : [`${name} ${count}`];
    });
    const consumed = member(text, root.shown, 'ConsumedCapacity')?.value;
    const each = consumed?.kind === 'array' ? consumed.items : consumed ? [consumed] : [];
    const operation = stringAt(this.request, rootOf(this.request), 'operation') ?? '';
    const isRead = /^(?:read|list|query|batchRead|transactRead)$/.test(operation);
    const units = each.flatMap((of) => {
      const table = each.length > 1 ? `${stringAt(text, of, 'TableName') ?? ''} ` : '';
      const parts = [
        ['ReadCapacityUnits', 'read'],
        ['WriteCapacityUnits', 'write'],
        ['CapacityUnits', isRead ? 'read' : 'write'],
      ].flatMap(([name = '', kind = '']) => {
        const count = cut(of, name);
        return count === undefined ? [] : [`${table}${count} ${kind} ${/^1(?:\.0+)?$/.test(count) ? 'unit' : 'units'}`];
      });
      // The sum says nothing more than its parts.
      return parts.length > 1 ? parts.slice(0, -1) : parts;
    });
    return [...counts, ...units];
  }

  /** The request that reads, updates or deletes an item; `keys` is a guess where neither the request nor the reply says more. */
  follow(item: Node, operation: 'read' | 'update' | 'delete', keys?: readonly string[]): string | undefined {
    const { text } = this;
    const members = item.shown.kind === 'object' ? item.shown.members : [];
    const payloadNow = member(this.request, rootOf(this.request), 'payload')?.value;
    const asked = member(this.request, this.partOf(item, payloadNow), 'Key')?.value;
    const keyNames = asked ? namesOf(this.request, asked) : this.keyOf(item, payloadNow, keys);
    const isKey = (name: string) => keyNames.includes(name);
    const cut = members.filter(({ key }) => isKey(unquote(text, key))).map(({ key, value }) => text.slice(key.start, value.end));
    // What an update returns need not hold the key; the request does.
    const key = asked ? this.request.slice(asked.start, asked.end) : cut.length > 0 ? `{${cut.join(',')}}` : undefined;
    const table = this.tableOf(item);
    if (key === undefined || table === undefined) return undefined;
    const payload = [`"Key":${key}`];
    if (operation === 'update') {
      const other = members.find(({ key }) => !isKey(unquote(text, key)));
      const [name, value] = other
        ? [text.slice(other.key.start, other.key.end), text.slice(other.value.start, other.value.end)]
        : ['"note"', this.format === 'dynamodb' ? '{"S":""}' : '""'];
      payload.push(
        '"UpdateExpression":"SET #name = :value"',
        `"ExpressionAttributeNames":{"#name":${name}}`,
        `"ExpressionAttributeValues":{":value":${value}}`,
        '"ReturnValues":"ALL_NEW"',
      );
    }
    const options = this.format === 'dynamodb' ? ',"options":{"format":"dynamodb"}' : '';
    return prettyText(`{"operation":"${operation}","tableName":${table},"payload":{${payload.join(',')}}${options}}`);
  }

  private role(role: Role, name: string, value: Value, path: readonly (string | number)[]): Role {
    if (role === 'item' || role === 'value') return 'value';
    if (role === 'tables') return path.at(-1) === 'Responses' ? 'items' : 'reply';
    if (role !== 'reply') return 'json';
    if (value.kind === 'object') {
      if (ITEM.has(name)) return 'item';
      if (TABLES.has(name) || name === 'Responses') return 'tables';
    }
    return value.kind === 'array' && ITEMS.has(name) ? 'items' : 'reply';
  }

  private node(name: string, path: readonly (string | number)[], raw: Value, role: Role, table?: Range): Node {
    let shown = raw;
    let type: string | undefined;
    let inner: Role = role;
    if (role === 'value') {
      const found = this.format === 'dynamodb' ? typed(this.text, raw) : tagged(this.text, raw);
      type = found?.type;
      shown = found?.inner ?? raw;
      if (!found && this.format === 'plain') type = this.plainType(raw);
      // A set holds no attribute values.
      if (type?.length === 2 || type === undefined) inner = 'json';
      if (type === 'M') inner = 'item';
    }
    const words = type === undefined ? undefined : WORDS.get(type);
    const size = shown.kind === 'object' ? shown.members.length : shown.kind === 'array' ? shown.items.length : 0;
    const isItem = role === 'item' && shown.kind === 'object' && size > 0 && path.some((step) => WHOLE.has(String(step)));
    return { id: JSON.stringify(path), name, raw, shown, role: inner, isItem, size, path, ...(table && { table }), ...(words && { type: words }) };
  }

  private plainType({ kind, start }: Value): string {
    if (kind === 'word') return this.text[start] === 'n' ? 'NULL' : 'BOOL';
    return kind === 'string' ? 'S' : kind === 'number' ? 'N' : kind === 'array' ? 'L' : 'M';
  }

  /** The names of the key attributes, all of which the item has. */
  private keyOf(item: Node, payload: Value | undefined, guess: readonly string[] = []): string[] {
    const { text, request } = this;
    const keys = member(request, this.partOf(item, payload), 'Keys')?.value;
    const last = member(text, this.root?.shown, 'LastEvaluatedKey')?.value;
    // The key of an index holds more than the table's.
    const isOfIndex = member(request, payload, 'IndexName') !== undefined;
    const has = namesOf(text, item.shown);
    const candidates = [namesOf(request, keys?.kind === 'array' ? keys.items[0] : undefined), isOfIndex ? [] : namesOf(text, last), guess];
    const found = candidates.find((each) => each.length > 0 && each.every((name) => has.includes(name)));
    if (found) return [...found];
    const scalar = this.children(item).find(({ type }) => type === 'String' || type === 'Number' || type === 'Binary');
    return scalar ? [String(scalar.path.at(-1))] : [];
  }

  /** The part of the request's payload that an item answers. */
  private partOf({ path, table }: Node, payload: Value | undefined): Value | undefined {
    const { text, request } = this;
    const items = member(request, payload, 'TransactItems')?.value;
    const [, place] = path;
    if (items?.kind === 'array' && typeof place === 'number') {
      const action = items.items[place];
      return action?.kind === 'object' ? action.members[0]?.value : undefined;
    }
    const tables = member(request, payload, 'RequestItems')?.value;
    return tables && table ? member(request, tables, unquote(text, table))?.value : payload;
  }

  /** The name of the item's table as it is written. */
  private tableOf(item: Node): string | undefined {
    const { text, request } = this;
    const root = rootOf(request);
    if (item.table) return text.slice(item.table.start, item.table.end);
    const payload = member(request, root, 'payload')?.value;
    const named =
      member(request, this.partOf(item, payload), 'TableName')?.value ?? member(request, root, 'tableName')?.value;
    return named?.kind === 'string' ? request.slice(named.start, named.end) : undefined;
  }
}

/** Text in which what has no shape of its own, or turns its neighbours around, is written as an escape. */
export function visible(text: string): string {
  return text.replace(/(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}]/gu, (found) =>
    Array.from({ length: found.length }, (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
}

function namesOf(text: string, value: Value | undefined): string[] {
  return value?.kind === 'object' ? value.members.map(({ key }) => unquote(text, key)) : [];
}

function stringAt(text: string, value: Value | undefined, name: string): string | undefined {
  const found = member(text, value, name)?.value;
  return found?.kind === 'string' ? unquote(text, found) : undefined;
}

function rootOf(text: string): Value | undefined {
  const parsed = parse(text);
  return 'root' in parsed ? parsed.root : undefined;
}
