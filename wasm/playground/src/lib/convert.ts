// convert.ts: turns a request between plain JSON and DynamoDB JSON by cutting its text: digits, escapes and layout stay as written.
// What stands where, vocabulary.ts says; the notations themselves are described in docs/protocol.md, "Values".

import { member, parse, unquote, type Member, type Obj, type Range, type Value } from './json.ts';
import { kindAt, membersAt, type Kind, type Surroundings } from './vocabulary.ts';

export type Notation = 'plain' | 'dynamodb';
/** DynamoDB's types, by their names in its JSON. */
export type Type = 'S' | 'N' | 'BOOL' | 'NULL' | 'M' | 'L' | 'SS' | 'NS' | 'B' | 'BS';

/** A piece of the text that is replaced; edits are in order and do not overlap, as CodeMirror takes them. */
export interface Edit {
  from: number;
  to: number;
  insert: string;
}

export type Converted = { text: string; edits: Edit[] } | { fault: string; at?: Range };

/** The request in the other notation; as it is, when it is in that notation already or its operation knows none. */
export function convert(text: string, to: Notation): Converted {
  const parsed = parse(text);
  if ('brokenAt' in parsed) return broken(parsed.brokenAt);
  const { root } = parsed;
  const operation = member(text, root, 'operation')?.value;
  const around = {
    ...(operation?.kind === 'string' && { operation: unquote(text, operation) }),
    hasTableName: member(text, root, 'tableName') !== undefined,
  };
  if (root.kind !== 'object' || around.operation === undefined) return { fault: 'The request has no operation.' };
  if (kindAt(['payload'], around) === undefined) {
    // They take anything, and no format.
    return around.operation === 'echo' || around.operation === 'ping'
      ? { text, edits: [] }
      : { fault: `There is no operation ${JSON.stringify(around.operation)}.`, ...(operation && { at: operation }) };
  }
  if (notationOf(text, root) === to) return { text, edits: [] };
  return run(text, to, (converter) => converter.request(root, around));
}

/** An item, a key or other attributes without a request around them. */
export function convertItem(text: string, to: Notation): Converted {
  const parsed = parse(text);
  if ('brokenAt' in parsed) return broken(parsed.brokenAt);
  const { root } = parsed;
  if (root.kind !== 'object') return { fault: 'An item is an object of attributes.', at: root };
  return run(text, to, (converter) => converter.attributes(root));
}

/** How a request writes attribute values. */
export function notationOf(text: string, root?: Value): Notation {
  const parsed = root ? { root } : parse(text);
  const options = member(text, 'root' in parsed ? parsed.root : undefined, 'options')?.value;
  const format = member(text, options, 'format')?.value;
  return format?.kind === 'string' && unquote(text, format) === 'dynamodb' ? 'dynamodb' : 'plain';
}

/** Where an offset in the text before is in the text after. */
export function positionAfter(edits: readonly Edit[], offset: number): number {
  let moved = 0;
  for (const { from, to, insert } of edits) {
    if (from > offset) break;
    // Within what was replaced: to the end of what stands there now.
    moved += insert.length - (Math.min(to, offset) - from);
  }
  return offset + moved;
}

/** The types of DynamoDB JSON that have a tag in plain JSON. */
const TAGS = [
  ['$n', 'N'],
  ['$b', 'B'],
  ['$ss', 'SS'],
  ['$ns', 'NS'],
  ['$bs', 'BS'],
  ['$m', 'M'],
] as const;
/** The type that each tag of plain JSON stands for. */
export const TYPE_OF: ReadonlyMap<string, Type> = new Map<string, Type>(TAGS);
const TAG_OF = new Map<string, string>(TAGS.map(([tag, type]) => [type, tag]));
const TYPES: ReadonlySet<string> = new Set(['S', 'BOOL', 'NULL', 'L', ...TAG_OF.keys()]);
export const JSON_NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
/** In DynamoDB JSON what these shapes do not know is ignored, and so dropped; in plain JSON it is refused. */
const LEGACY: ReadonlySet<string> = new Set(['ExpectedAttributeValue', 'AttributeValueUpdate', 'Condition']);

/** The type that a plain one-key object is tagged with. */
export function tagged(text: string, value: Value): { type: string; key: Range; inner: Value } | undefined {
  const only = value.kind === 'object' && value.members.length === 1 ? value.members[0] : undefined;
  const type = only && TYPE_OF.get(unquote(text, only.key));
  return only && type !== undefined ? { type, key: only.key, inner: only.value } : undefined;
}

/** The one type of a value in DynamoDB JSON; a null or an unknown type counts as absent. */
export function typed(text: string, value: Value): { type: string; key: Range; inner: Value } | undefined {
  if (value.kind !== 'object') return undefined;
  const found = value.members.filter((each) => TYPES.has(unquote(text, each.key)) && text[each.value.start] !== 'n');
  const [only] = found;
  return only && found.length === 1 ? { type: unquote(text, only.key), key: only.key, inner: only.value } : undefined;
}

class Fault {
  constructor(
    readonly fault: string,
    readonly at: Range,
  ) {}
}

function broken(at: number): Converted {
  return { fault: 'The text is not JSON.', at: { start: at, end: at + 1 } };
}

function run(text: string, to: Notation, work: (converter: Converter) => void): Converted {
  const converter = new Converter(text, to);
  try {
    work(converter);
  } catch (reason) {
    if (reason instanceof Fault) return { fault: reason.fault, at: { start: reason.at.start, end: reason.at.end } };
    throw reason;
  }
  const edits = converter.edits.toSorted((a, b) => a.from - b.from);
  const pieces: string[] = [];
  let at = 0;
  for (const { from, to: end, insert } of edits) {
    pieces.push(text.slice(at, from), insert);
    at = end;
  }
  return { text: pieces.join('') + text.slice(at), edits };
}

class Converter {
  readonly edits: Edit[] = [];
  /** What this text puts after a colon between members on one line. */
  private readonly gap: string;
  /** By how many columns the lines move left, because the brackets around them are gone. */
  private shift = 0;

  constructor(
    private readonly text: string,
    private readonly to: Notation,
  ) {
    this.gap = /":\S/.test(text) && !/":\s/.test(text) ? '' : ' ';
  }

  request(root: Obj, around: Surroundings): void {
    for (const { key, value } of root.members) {
      const name = unquote(this.text, key);
      if (name === 'payload' || name === 'options') this.part(value, [name], around);
    }
    const options = root.members.find(({ key }) => unquote(this.text, key) === 'options')?.value;
    const format = `"format":${this.gap}"dynamodb"`;
    if (options?.kind !== 'object') {
      if (this.to === 'dynamodb' && !options) this.append(root, `"options":${this.gap}{${format}}`);
      return;
    }
    const present = member(this.text, options, 'format');
    if (this.to === 'plain') {
      if (options.members.length === 1) this.drop(root, ({ value }) => value === options);
      else this.drop(options, (each) => each === present);
    } else if (present) this.replace(present.value, '"dynamodb"');
    else this.append(options, format);
  }

  attributes(value: Value): void {
    if (value.kind !== 'object') return;
    this.inside(value, value.members);
  }

  /** What stands at a path of a request. */
  private part(value: Value, path: string[], around: Surroundings): void {
    const kind = path.length === 1 && path[0] === 'options' ? 'options' : kindOf(path, around);
    if (kind === 'value') return this.value(value);
    if (kind === 'attributes') return this.attributes(value);
    if (value.kind === 'array') {
      return value.items.forEach((item, index) => this.part(item, [...path, String(index)], around));
    }
    if (kind === 'boolean' && value.kind === 'string' && this.to === 'plain') {
      const meant = asBoolean(unquote(this.text, value));
      if (meant !== undefined) this.replace(value, String(meant));
      return;
    }
    if (value.kind !== 'object' || kind === undefined) return;
    const shape = typeof kind === 'object' && 'shape' in kind ? kind.shape : undefined;
    if (this.to === 'plain' && shape !== undefined) {
      const known = LEGACY.has(shape) ? membersAt(path, around)?.map(({ name }) => name) : undefined;
      this.drop(value, (each) => this.is(each.value, 'null') || known?.includes(unquote(this.text, each.key)) === false);
    }
    for (const { key, value: inner } of value.members) {
      const name = unquote(this.text, key);
      if (kind === 'place') {
        if (name === 'after') this.attributes(inner);
      } else if (!(this.to === 'plain' && shape !== undefined && this.is(inner, 'null'))) this.part(inner, [...path, name], around);
    }
  }

  private value(value: Value): void {
    if (this.to === 'dynamodb') this.type(value);
    else this.untype(value);
  }

  private type(value: Value): void {
    const tag = tagged(this.text, value);
    if (tag) {
      this.check(tag, value, '$');
      this.replace(tag.key, `"${tag.type}"`);
      if (tag.inner.kind === 'number') this.wrap(tag.inner, '"', '"');
      else if (tag.type === 'M') this.attributes(tag.inner);
      else if (tag.inner.kind === 'array') {
        for (const item of tag.inner.items) if (item.kind === 'number') this.wrap(item, '"', '"');
      }
      return;
    }
    const open = (type: string) => `{"${type}":${this.gap}`;
    if (value.kind === 'string') this.wrap(value, open('S'), '}');
    else if (value.kind === 'number') this.wrap(value, `${open('N')}"`, '"}');
    else if (this.is(value, 'null')) this.replace(value, `${open('NULL')}true}`);
    else if (value.kind === 'word') this.wrap(value, open('BOOL'), '}');
    else {
      this.edits.push({ from: value.start, to: value.start, insert: open(value.kind === 'array' ? 'L' : 'M') });
      if (value.kind === 'array') value.items.forEach((item) => this.value(item));
      else this.attributes(value);
      this.edits.push({ from: value.end, to: value.end, insert: '}' });
    }
  }

  private untype(value: Value): void {
    const found = typed(this.text, value);
    if (!found) throw new Fault('Expected a value in DynamoDB JSON, an object with one type, such as {"S": "x"}.', value);
    const { type, inner } = found;
    this.check(found, inner, '');
    const tag = TAG_OF.get(type);
    if (type === 'NULL') return this.replace(value, 'null');
    if (type === 'BOOL') return this.keep(value, inner, String(this.boolean(inner)));
    if (type === 'N') {
      const number = unquote(this.text, inner);
      if (JSON_NUMBER.test(number)) return this.keep(value, within(inner), number);
    }
    const isBare = type === 'S' || type === 'L' || (type === 'M' && !tagged(this.text, inner));
    const before = isBare ? '' : `{"${tag ?? ''}":${this.gap}`;
    if (!isBare && value.kind === 'object' && value.members.length === 1) {
      this.line(value.start, found.key.start);
      this.replace(found.key, `"${tag ?? ''}"`);
      this.content(inner, type);
      return this.line(inner.end, value.end);
    }
    this.replace({ start: value.start, end: inner.start }, before);
    const isSpread = this.text.slice(value.start, found.key.start).includes('\n');
    const shift = isSpread ? Math.max(0, this.indent(found.key.start) - this.indent(value.start)) : 0;
    this.shift += shift;
    this.content(inner, type);
    this.shift -= shift;
    this.replace({ start: inner.end, end: value.end }, isBare ? '' : '}');
  }

  /** What stands behind a type of DynamoDB JSON. */
  private content(inner: Value, type: string): void {
    if (inner.kind === 'object') this.attributes(inner);
    else if (inner.kind === 'array') this.inside(inner, inner.items.map((value) => ({ value })), type);
  }

  /** Every value that a container holds, and the lines between them. */
  private inside(container: Range, parts: readonly { key?: Range; value: Value }[], type = 'M'): void {
    let at = container.start + 1;
    for (const { key, value } of parts) {
      this.line(at, (key ?? value).start);
      if (type === 'M' || type === 'L') this.value(value);
      else if (type === 'NS') {
        const number = unquote(this.text, value);
        if (JSON_NUMBER.test(number)) this.keep(value, within(value), number);
      }
      at = value.end;
    }
    this.line(at, container.end - 1);
  }

  private check({ type, inner }: { type: string; inner: Value }, at: Value, tag: string): void {
    const each = (kind: Value['kind'], other: Value['kind'] = kind) =>
      inner.kind === 'array' && inner.items.every((item) => item.kind === kind || item.kind === other);
    const number = tag ? 'number' : 'string';
    const fits =
      type === 'M'
        ? inner.kind === 'object'
        : type === 'L'
          ? inner.kind === 'array'
          : type === 'NS'
            ? each('string', number)
            : type === 'SS' || type === 'BS'
              ? each('string')
              : type === 'BOOL'
                ? this.boolean(inner) !== undefined
                : type === 'NULL'
                  ? this.boolean(inner) === true
                  : inner.kind === 'string' || (type === 'N' && inner.kind === number);
    if (!fits) throw new Fault(`This is not what ${tag ? TAG_OF.get(type) : type} holds.`, at);
  }

  private boolean(value: Value): boolean | undefined {
    if (value.kind === 'string') return asBoolean(unquote(this.text, value));
    return this.is(value, 'true') ? true : this.is(value, 'false') ? false : undefined;
  }

  private is(value: Value, word: string): boolean {
    return value.kind === 'word' && this.text.startsWith(word, value.start);
  }

  private replace({ start, end }: Range, insert: string): void {
    this.edits.push({ from: start, to: end, insert });
  }

  /** Puts `meant` in the place of a value; where a part of it reads so already, that stays, and the cursor in it. */
  private keep(value: Range, { start, end }: Range, meant: string): void {
    if (this.text.slice(start, end) !== meant) return this.replace(value, meant);
    this.replace({ start: value.start, end: start }, '');
    this.replace({ start: end, end: value.end }, '');
  }

  private wrap({ start, end }: Range, before: string, after: string): void {
    this.edits.push({ from: start, to: start, insert: before }, { from: end, to: end, insert: after });
  }

  /** Adds a member behind the last, in the manner of the first: on a line of its own, or not. */
  private append(object: Obj, fresh: string): void {
    const [first, last] = [object.members[0], object.members.at(-1)];
    if (!first || !last) return this.replace({ start: object.start + 1, end: object.end - 1 }, fresh);
    const lead = this.text.slice(object.start + 1, first.key.start);
    this.replace({ start: last.value.end, end: last.value.end }, `,${lead.includes('\n') ? lead : this.gap}${fresh}`);
  }

  /** Removes members, each with one of the commas beside it. */
  private drop({ members }: Obj, goes: (each: Member) => boolean): void {
    let stays = false;
    members.forEach((each, index) => {
      if (!goes(each)) {
        stays = true;
        return;
      }
      const before = members[index - 1];
      if (stays && before) this.replace({ start: before.value.end, end: each.value.end }, '');
      else this.replace({ start: each.key.start, end: members[index + 1]?.key.start ?? each.value.end }, '');
    });
  }

  /** Moves the lines that begin between two tokens. */
  private line(from: number, to: number): void {
    if (this.shift === 0) return;
    for (let at = this.text.indexOf('\n', from); at >= 0 && at < to; at = this.text.indexOf('\n', at + 1)) {
      let end = at + 1;
      while (end < to && end - at - 1 < this.shift && ' \t'.includes(this.text[end] ?? '.')) end += 1;
      this.replace({ start: at + 1, end }, '');
    }
  }

  /** How far the line of an offset is indented. */
  private indent(at: number): number {
    const start = this.text.lastIndexOf('\n', at - 1) + 1;
    let end = start;
    while (' \t'.includes(this.text[end] ?? '.')) end += 1;
    return end - start;
  }
}

/** What stands between the quotes. */
function within({ start, end }: Range): Range {
  return { start: start + 1, end: end - 1 };
}

/** What may stand at a path; of a batch, in either of its forms. */
function kindOf(path: readonly string[], around: Surroundings): Kind | undefined {
  return kindAt(path, around) ?? kindAt(path, { ...around, hasTableName: !around.hasTableName });
}

/** The spellings of a boolean that DynamoDB JSON takes, in any case. */
function asBoolean(text: string): boolean | undefined {
  if (/^(?:true|t|yes|y|1)$/i.test(text)) return true;
  return /^(?:false|f|no|n|0)$/i.test(text) ? false : undefined;
}
