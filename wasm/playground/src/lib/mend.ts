// mend.ts: turns a problem's `fix` (an RFC 6902 patch) into changes of the request's own text: what it does not touch stays as
// it was typed, digits and white space included. `gateleg plan` does the same in host/src/diagnostic/mend.rs.

import { parse, unquote, type Range, type Value } from './json.ts';

/** One step of a patch; a value is JSON text, never a JavaScript value. */
export interface Step {
  op: 'add' | 'remove' | 'replace' | 'move';
  path: string;
  from?: string;
  value?: string;
}

/** The text with every step applied; undefined if one does not apply. */
export function mend(text: string, patch: readonly Step[]): string | undefined {
  let mended: string | undefined = text;
  for (const step of patch) {
    mended = apply(mended, step);
    if (mended === undefined) return undefined;
  }
  return root(mended) && mended;
}

/** Where a pointer leads, with the key in front of it when it is a member. */
interface Spot {
  value: Value;
  key?: Range;
}

function apply(text: string, { op, path, from, value }: Step): string | undefined {
  if (!root(text)) return undefined;
  const spot = find(text, path);
  switch (op) {
    case 'add':
      return value === undefined ? undefined : add(text, path, spaced(text, value));
    case 'replace':
      return spot && value !== undefined ? splice(text, spot.value, spaced(text, value)) : undefined;
    case 'remove':
      return remove(text, path);
    case 'move': {
      const moved = from === undefined ? undefined : find(text, from);
      if (!moved || from === undefined) return undefined;
      // A member that only changes its name keeps its place.
      if (moved.key && parentOf(from) === parentOf(path) && !spot) return splice(text, moved.key, quoted(path));
      const kept = text.slice(moved.value.start, moved.value.end);
      const rest = remove(text, from);
      return rest === undefined ? undefined : add(rest, path, kept);
    }
    default:
      return undefined;
  }
}

function add(text: string, path: string, value: string): string | undefined {
  const present = find(text, path);
  if (present?.key) return splice(text, present.value, value);
  const parent = find(text, parentOf(path))?.value;
  if (!parent || (parent.kind !== 'object' && parent.kind !== 'array')) return undefined;
  let first: number | undefined;
  let last: number | undefined;
  let fresh = value;
  if (parent.kind === 'array') {
    const before = /^(?:0|[1-9][0-9]*)$/.test(lastStep(path)) ? parent.items[Number(lastStep(path))] : undefined;
    if (before) return splice(text, { start: before.start, end: before.start }, `${value}, `);
    first = parent.items[0]?.start;
    last = parent.items.at(-1)?.end;
  } else {
    fresh = quoted(path) + colon(text) + value;
    first = parent.members[0]?.key.start;
    last = parent.members.at(-1)?.value.end;
  }
  if (first === undefined || last === undefined) {
    return splice(text, { start: parent.start + 1, end: parent.end - 1 }, fresh);
  }
  // The new member stands as the first does: on a line of its own, or not.
  const lead = text.slice(parent.start + 1, first);
  const gap = lead.includes('\n') ? lead : colon(text).endsWith(' ') ? ' ' : '';
  return splice(text, { start: last, end: last }, `,${gap}${fresh}`);
}

function remove(text: string, path: string): string | undefined {
  const parent = find(text, parentOf(path))?.value;
  const name = lastStep(path);
  let places: Range[];
  let index: number;
  if (parent?.kind === 'array') {
    places = parent.items;
    index = /^(?:0|[1-9][0-9]*)$/.test(name) ? Number(name) : -1;
  } else if (parent?.kind === 'object') {
    places = parent.members.map(({ key, value }) => ({ start: key.start, end: value.end }));
    index = parent.members.findIndex(({ key }) => unquote(text, key) === name);
  } else {
    return undefined;
  }
  const goes = places[index];
  if (!goes) return undefined;
  const [before, next] = [places[index - 1], places[index + 1]];
  if (next) return splice(text, { start: goes.start, end: next.start }, '');
  if (before) return splice(text, { start: before.end, end: goes.end }, '');
  return splice(text, { start: parent.start + 1, end: parent.end - 1 }, '');
}

function root(text: string): Value | undefined {
  const parsed = parse(text);
  return 'root' in parsed ? parsed.root : undefined;
}

// RFC 6901.
function find(text: string, pointer: string | undefined): Spot | undefined {
  const value = root(text);
  if (!value || pointer === undefined) return undefined;
  if (pointer === '') return { value };
  let spot: Spot | undefined = { value };
  for (const step of steps(pointer)) {
    const parent: Value = spot.value;
    if (parent.kind === 'object') {
      spot = parent.members.find(({ key }) => unquote(text, key) === step);
    } else {
      const item = parent.kind === 'array' && /^(?:0|[1-9][0-9]*)$/.test(step) ? parent.items[Number(step)] : undefined;
      spot = item && { value: item };
    }
    if (!spot) return undefined;
  }
  return spot;
}

function steps(pointer: string): string[] {
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function parentOf(pointer: string): string | undefined {
  const at = pointer.lastIndexOf('/');
  return at < 0 ? undefined : pointer.slice(0, at);
}

function lastStep(pointer: string): string {
  return steps(pointer).at(-1) ?? '';
}

function quoted(pointer: string): string {
  return JSON.stringify(lastStep(pointer));
}

function splice(text: string, { start, end }: Range, fresh: string): string {
  return text.slice(0, start) + fresh + text.slice(end);
}

/** What this text puts between a key and its value. */
function colon(text: string): string {
  const value = root(text);
  const first = value?.kind === 'object' ? value.members[0] : undefined;
  const between = first ? text.slice(first.key.end, first.value.start) : ': ';
  return between.includes('\n') ? ': ' : between;
}

/** A compact value in the manner of the text: with spaces where it has them. */
function spaced(text: string, value: string): string {
  if (!colon(text).endsWith(' ')) return value;
  const write = (of: Value): string => {
    switch (of.kind) {
      case 'array':
        return `[${of.items.map(write).join(', ')}]`;
      case 'object':
        return `{${of.members.map(({ key, value: inner }) => `${value.slice(key.start, key.end)}: ${write(inner)}`).join(', ')}}`;
      default:
        return value.slice(of.start, of.end);
    }
  };
  const tree = root(value);
  return tree ? write(tree) : value;
}
