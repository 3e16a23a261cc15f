// title.ts: turns a request's text into the few words that a list shows of it.

import { member, parse, unquote, type Value } from './json.ts';

export interface Title {
  operation: string;
  /** The first value of its key or item, or else its table: what tells it from its neighbours. */
  subject: string;
  table: string;
}

/** As long as an ARN. */
const MOST_TABLE = 1024;

/** Of text that is no request, its beginning stands for the operation. */
export function titleOf(text: string): Title {
  const parsed = parse(text);
  const root = 'root' in parsed ? parsed.root : undefined;
  const payload = member(text, root, 'payload')?.value;
  const key = first(member(text, payload, 'Key')?.value ?? member(text, payload, 'Item')?.value);
  const table = shown(text, member(text, root, 'tableName')?.value, MOST_TABLE);
  const operation = shown(text, member(text, root, 'operation')?.value);
  return { operation: operation || short(text) || '(empty)', subject: shown(text, key) || table, table };
}

/** The value that one finds by always taking the first. */
function first(value: Value | undefined): Value | undefined {
  let at = value;
  while (at?.kind === 'object' || at?.kind === 'array') at = at.kind === 'object' ? at.members[0]?.value : at.items[0];
  return at;
}

function shown(text: string, value: Value | undefined, most?: number): string {
  if (!value || value.kind === 'object' || value.kind === 'array') return '';
  return short(value.kind === 'string' ? unquote(text, value) : text.slice(value.start, value.end), most);
}

function short(text: string, most = 60): string {
  return text.slice(0, 4 * most).replace(/\s+/g, ' ').trim().slice(0, most);
}
