// formvalue.ts: turns an attribute value's text, in plain or in DynamoDB JSON, into its type and the text inside, and back.

import { JSON_NUMBER, TYPE_OF, type Notation, type Type } from './convert.ts';
import type { Range, Value } from './json.ts';
import { open, partsOf, textOf } from './formtext.ts';
import { unquote } from './json.ts';


/** The types in plain words, the most common first. */
export const TYPES: ReadonlyMap<string, string> = new Map<Type, string>([
  ['S', 'String'],
  ['N', 'Number'],
  ['BOOL', 'Boolean'],
  ['NULL', 'Null'],
  ['M', 'Map'],
  ['L', 'List'],
  ['SS', 'String set'],
  ['NS', 'Number set'],
  ['B', 'Binary'],
  ['BS', 'Binary set'],
]);

/** A value's type, and the place and text of what is inside its tag or type name. */
export interface Held extends Range {
  type: Type;
  inner: string;
  /** Whether there is a tag or type name around it. */
  wrapped: boolean;
}

/** Undefined for what is no value in this notation. */
export function hold(source: string, notation: Notation): Held | undefined {
  const value = open(source);
  if (!value) return undefined;
  const only = value.kind === 'object' && value.members.length === 1 ? value.members[0] : undefined;
  const word = only && unquote(source, only.key);
  const held = (type: Type, { start, end }: Range, wrapped: boolean) => ({ type, start, end, wrapped, inner: source.slice(start, end) });
  const type = word === undefined ? undefined : notation === 'plain' ? TYPE_OF.get(word) : TYPES.has(word) ? (word as Type) : undefined;
  if (only && type) return fits(source, type, only.value, notation) ? held(type, only.value, true) : undefined;
  return notation === 'plain' ? held(plainType(source, value), value, false) : undefined;
}

function plainType(source: string, value: Value): Type {
  if (value.kind === 'word') return source[value.start] === 'n' ? 'NULL' : 'BOOL';
  return ({ string: 'S', number: 'N', array: 'L', object: 'M' } as const)[value.kind];
}

function fits(source: string, type: Type, value: Value, notation: Notation): boolean {
  const word = source.slice(value.start, value.end);
  if (type === 'BOOL') return word === 'true' || word === 'false';
  if (type === 'NULL') return word === 'true';
  if (type === 'M') return value.kind === 'object';
  if (type === 'L') return value.kind === 'array';
  if (!isSet(type)) return value.kind === 'string';
  return (
    value.kind === 'array' &&
    value.items.every(({ kind }) => kind === 'string' || (kind === 'number' && type === 'NS' && notation === 'plain'))
  );
}

export function isSet(type: Type): boolean {
  return type.length === 2 && type.endsWith('S');
}

/** The text of a string or a number, as a field shows it. */
export function shown(inner: string): string {
  return textOf(inner) ?? inner;
}

/** The value as it is after its field was edited: its spelling stays where it can. */
export function retext(source: string, held: Held, notation: Notation, text: string): string {
  // A number that JSON cannot say is in a tag, and comes out of it again; one that somebody tagged stays tagged.
  const keeps = held.type !== 'N' || notation === 'dynamodb' || (held.wrapped && JSON_NUMBER.test(shown(held.inner)));
  if (!keeps) return write(held.type, text, notation);
  const fresh = held.type === 'BOOL' ? text : JSON.stringify(text);
  return source.slice(0, held.start) + fresh + source.slice(held.end);
}

/** A member of a set as it is after its field was edited. */
export function retextMember(source: string, type: Type, notation: Notation, text: string): string {
  const isNumber = type === 'NS' && notation === 'plain' && JSON_NUMBER.test(text);
  const wasText = source.startsWith('"') && JSON_NUMBER.test(shown(source));
  return isNumber && !wasText ? text : JSON.stringify(text);
}

/** A value of that type, from a text or, for lists, maps and sets, from what stands in the brackets. */
export function write(type: Type, text: string, notation: Notation): string {
  const quoted = JSON.stringify(text);
  const inner = type === 'S' || type === 'N' || type === 'B' ? quoted : type === 'NULL' ? 'true' : text;
  if (notation === 'dynamodb') return `{"${type}": ${inner}}`;
  if (type === 'S') return quoted;
  if (type === 'NULL') return 'null';
  if (type === 'BOOL' || type === 'L' || (type === 'N' && JSON_NUMBER.test(text))) return text;
  if (type === 'M') return looksTagged(text) ? `{"$m": ${text}}` : text;
  return `{"$${type.toLowerCase()}": ${inner}}`;
}

/** The value with other contents; a plain map that would look like a tag is wrapped. */
export function refill(source: string, held: Held, notation: Notation, inner: string): string {
  if (held.type === 'M' && notation === 'plain' && !held.wrapped) return write('M', inner, notation);
  return source.slice(0, held.start) + inner + source.slice(held.end);
}

function looksTagged(object: string): boolean {
  const parts = partsOf(object);
  return parts.length === 1 && TYPE_OF.has(parts[0]?.name ?? '');
}

/** The value as another type, with as much of it as that type can hold. */
export function retype(source: string, notation: Notation, type: Type): string {
  const held = hold(source, notation);
  if (held?.type === type) return source;
  const from = held?.type ?? 'M';
  const isText = 'SNB'.includes(from);
  // What the value holds as texts: itself, the members of a set, those items of a list that are texts or numbers.
  const items = held && from !== 'M' && !isText ? partsOf(held.inner) : [];
  const texts = items.flatMap((item) => {
    const each = isSet(from) ? { type: 'S', inner: item.source } : hold(item.source, notation);
    return each && 'SNB'.includes(each.type) ? [shown(each.inner)] : [];
  });
  if (held && isText) texts.push(shown(held.inner));
  const [first = ''] = texts;
  if (type === 'M') return write(type, '{}', notation);
  if (type === 'BOOL') return write(type, String(first === 'true'), notation);
  if (type === 'L') {
    const one = (isText || isSet(from) ? from[0] : 'S') as Type;
    return write(type, `[${texts.filter(Boolean).map((text) => write(one, text, notation)).join(', ')}]`, notation);
  }
  if (!isSet(type)) return write(type, first, notation);
  return write(type, `[${(texts.length > 0 ? texts : ['']).map((text) => retextMember('', type, notation, text)).join(', ')}]`, notation);
}
