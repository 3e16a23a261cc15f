// place.ts: turns a problem's `path` (a JSON pointer) and `span` (Unicode scalar values) into the piece of request text to underline.

import { parse, unquote, type Range, type Value } from './json.ts';

/** Where a pointer leads: the value, and the key in front of it when it is a member. */
interface Spot {
  value: Value;
  key?: Range;
}

/** The piece of `text` that `path` and `span` name; undefined when the text is not JSON or has no such place. */
export function place(text: string, path: string, span?: readonly [number, number]): Range | undefined {
  const parsed = parse(text);
  if ('brokenAt' in parsed) return undefined;
  const spot = follow(text, parsed.root, path);
  if (!spot) return undefined;
  if (span && spot.value.kind === 'string') return within(text, spot.value, span);
  return mark(spot);
}

/** The character at a line and a column counted in Unicode scalar values from 1, as the planner states syntax errors. */
export function placeAt(text: string, line: number, column: number): Range | undefined {
  const lines = text.split('\n');
  const found = lines[line - 1];
  if (found === undefined) return undefined;
  const before = lines.slice(0, line - 1).reduce((sum, each) => sum + each.length + 1, 0);
  const characters = [...found];
  const start = before + characters.slice(0, column - 1).join('').length;
  // At the very end there is no character left to underline: take the last one that is not space.
  const last = Math.max(0, text.trimEnd().length - 1);
  if (start > last || text === '') return { start: last, end: Math.min(last + 1, text.length) };
  return { start, end: start + (characters[column - 1]?.length ?? 1) };
}

/** The line and column of an offset, both counted from 1, as an editor shows them. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

// RFC 6901. A name that is repeated leads to its last value, the one at fault.
function follow(text: string, root: Value, pointer: string): Spot | undefined {
  if (pointer === '') return { value: root };
  if (!pointer.startsWith('/')) return undefined;
  let spot: Spot | undefined = { value: root };
  for (const step of pointer.slice(1).split('/')) {
    const name = step.replaceAll('~1', '/').replaceAll('~0', '~');
    spot = child(text, spot.value, name);
    if (!spot) return undefined;
  }
  return spot;
}

function child(text: string, parent: Value, name: string): Spot | undefined {
  if (parent.kind === 'object') return parent.members.findLast((each) => unquote(text, each.key) === name);
  if (parent.kind !== 'array' || !/^(?:0|[1-9][0-9]*)$/.test(name)) return undefined;
  const item = parent.items[Number(name)];
  return item && { value: item };
}

/** A scalar is underlined with its key; an object or list by its key or its bracket, so that the page is not one red block. */
function mark({ key, value }: Spot): Range {
  if (value.kind === 'object' || value.kind === 'array') return key ?? { start: value.start, end: value.start + 1 };
  return { start: key?.start ?? value.start, end: value.end };
}

/** Scalar values `span` of what the string token means, as code units of how it is written. */
function within(text: string, string: Range, [from, to]: readonly [number, number]): Range {
  const starts = scalarStarts(text, string);
  const last = string.end - 1;
  const start = starts[from] ?? last;
  return { start, end: Math.max(starts[to] ?? last, start) };
}

/** The offset at which each scalar value of a string token begins; `\n` and a surrogate pair are one each. */
function scalarStarts(text: string, string: Range): number[] {
  const starts: number[] = [];
  let at = string.start + 1;
  while (at < string.end - 1) {
    starts.push(at);
    const unit = unitAt(text, at);
    at += unit.length;
    const isHigh = unit.code >= 0xd800 && unit.code < 0xdc00;
    const next = at < string.end - 1 ? unitAt(text, at) : undefined;
    if (isHigh && next && next.code >= 0xdc00 && next.code < 0xe000) at += next.length;
  }
  return starts;
}

/** One UTF-16 code unit as written: itself, `\n` or `\u00e9`. */
function unitAt(text: string, at: number): { code: number; length: number } {
  if (text[at] !== '\\') return { code: text.charCodeAt(at), length: 1 };
  if (text[at + 1] !== 'u') return { code: 0, length: 2 };
  return { code: Number.parseInt(text.slice(at + 2, at + 6), 16), length: 6 };
}
