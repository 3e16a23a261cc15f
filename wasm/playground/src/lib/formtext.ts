// formtext.ts: turns one edit of a form into an edit of the JSON text it stands for; all else of the text stays as it was typed.
// Every part of the form holds its own piece of the text, its source, and hands a new one to the part around it.

import { parse, unquote, type Range, type Value } from './json.ts';
import { mend } from './mend.ts';

/** A member of an object or an item of a list, with its place in the source it was cut from. */
export interface Part extends Range {
  /** The member's name, or the item's index. */
  name: string;
  key?: Range;
  kind: Value['kind'];
  source: string;
}

/** No name that anybody uses: members are added and removed under it, for a name may stand twice. */
const NOBODY = '\0';

export function open(source: string): Value | undefined {
  const parsed = parse(source);
  return 'root' in parsed ? parsed.root : undefined;
}

/** The parts of texts that were asked for last: every part of the form asks for those of the text around it. */
const recent = new Map<string, readonly Part[]>();
const MOST = 32;

/** What the object or list at the root of `source` holds; nothing for anything else. */
export function partsOf(source: string): readonly Part[] {
  const known = recent.get(source);
  if (known) return known;
  const root = open(source);
  const part = ({ start, end, kind }: Value, name: string, key?: Range): Part => ({
    name,
    kind,
    start,
    end,
    source: source.slice(start, end),
    ...(key && { key }),
  });
  const parts =
    root?.kind === 'object'
      ? root.members.map(({ key, value }) => part(value, unquote(source, key), key))
      : root?.kind === 'array'
        ? root.items.map((item, index) => part(item, String(index)))
        : [];
  if (recent.size >= MOST) recent.clear();
  recent.set(source, parts);
  return parts;
}

export function partOf(source: string, name: string): Part | undefined {
  return partsOf(source).findLast((part) => part.name === name);
}

/** The source of a member; undefined where there is none. */
export function get(source: string, name: string): string | undefined {
  return partOf(source, name)?.source;
}

/** The text of a string member; undefined where it is something else. */
export function textOf(source: string | undefined): string | undefined {
  const value = source === undefined ? undefined : open(source);
  return source !== undefined && value?.kind === 'string' ? unquote(source, value) : undefined;
}

export function splice(source: string, { start, end }: Range, fresh: string): string {
  return source.slice(0, start) + fresh + source.slice(end);
}

export function rename(source: string, { key }: Part, name: string): string {
  return key ? splice(source, key, JSON.stringify(name)) : source;
}

export function drop(source: string, part: Part): string {
  const patched = part.key
    ? mend(rename(source, part, NOBODY), [{ op: 'remove', path: `/${NOBODY}` }])
    : mend(source, [{ op: 'remove', path: `/${part.name}` }]);
  return patched ?? source;
}

/** Adds a member to an object, or an item to a list, which need no name. */
export function add(source: string, name: string, value: string): string {
  const isList = source.startsWith('[');
  const added = mend(source, [{ op: 'add', path: isList ? '/-' : `/${NOBODY}`, value: '0' }]);
  const last = added === undefined ? undefined : partsOf(added).at(-1);
  if (added === undefined || !last) return source;
  // The value goes in as it is written; the name afterwards, for it stands before the value.
  return rename(splice(added, last, value), last, name);
}

/** Sets a member, or removes it. */
export function set(source: string, name: string, value: string | undefined): string {
  const part = partOf(source, name);
  if (value === undefined) return part ? drop(source, part) : source;
  return part ? splice(source, part, value) : add(source, name, value);
}

/** Sets an object at the root. One that was empty opens into lines where the text has lines. */
export function setObject(source: string, name: string, object: string): string {
  const root = open(source);
  const first = root?.kind === 'object' ? root.members[0] : undefined;
  const lead = root && first ? source.slice(root.start + 1, first.key.start) : '';
  const parts = partsOf(object);
  const wasEmpty = partsOf(get(source, name) ?? '{}').length === 0;
  if (!wasEmpty || parts.length === 0 || !lead.includes('\n')) return set(source, name, object);
  const deeper = lead + lead.slice(lead.lastIndexOf('\n') + 1);
  return set(source, name, `{${parts.map((part) => `${deeper}${JSON.stringify(part.name)}: ${part.source}`).join(',')}${lead}}`);
}

/** A pointer one step on (RFC 6901). */
export function below(pointer: string, name: string): string {
  return `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
}
