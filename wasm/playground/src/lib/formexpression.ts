// formexpression.ts: turns the text of an expression into rows of a builder, and rows into the text.
// What a builder does not know is not guessed at: the reader answers undefined, and the text stays a text.

/** A name or an index of a path; `as` is how the expression writes it, `was` what it wrote before an edit. */
export interface Step {
  name: string;
  index?: boolean;
  as?: string;
  was?: string;
}
export type Path = readonly Step[];

/** What a row compares with or sets: a value, as its JSON text, or another attribute. */
export type Arg = { value: string; as?: string; was?: string } | { path: Path };

export interface Row {
  not: boolean;
  op: string;
  path: Path;
  args: readonly Arg[];
}
export interface Group {
  not: boolean;
  op: 'AND' | 'OR';
  items: readonly Condition[];
}
export type Condition = Row | Group;

/** One change of an update. `RAW` is one the builder does not know, as it is written. */
export interface Change {
  act: string;
  path: Path;
  args: readonly Arg[];
  raw?: string;
  clause: string;
}

/** What placeholders stand for: names as text, values as JSON text. */
export interface Scope {
  names: ReadonlyMap<string, string>;
  values: ReadonlyMap<string, string>;
}

/** Finds or makes placeholders while an expression is written. */
export interface Pen {
  name: (step: Step) => string;
  value: (arg: { value: string; as?: string; was?: string }, path: Path) => string;
  raw: (text: string) => string;
}

/** Comparisons in plain words: DynamoDB's spelling, what to call it, how many values it takes (-1 is any number). */
export const COMPARISONS: readonly (readonly [op: string, name: string, args: number])[] = [
  ['=', 'is', 1],
  ['<>', 'is not', 1],
  ['<', 'is less than', 1],
  ['<=', 'is at most', 1],
  ['>', 'is more than', 1],
  ['>=', 'is at least', 1],
  ['BETWEEN', 'is between', 2],
  ['begins_with', 'begins with', 1],
  ['contains', 'contains', 1],
  ['IN', 'is one of', -1],
  ['attribute_exists', 'exists', 0],
  ['attribute_not_exists', 'does not exist', 0],
  ['attribute_type', 'is of type', 1],
  ...(['=', '<>', '<', '<=', '>', '>='] as const).map((op) => [`size ${op}`, `has size ${op}`, 1] as const),
];

/** Changes in plain words: our name, what to call it, the clause, whether it takes a value, and that value's type at first. */
export const CHANGES: readonly (readonly [act: string, name: string, clause: string, types: string])[] = [
  ['SET', 'set to', 'SET', '*'],
  ['DEFAULT', 'set, if not there, to', 'SET', '*'],
  ['INC', 'increase by', 'SET', 'N'],
  ['DEC', 'decrease by', 'SET', 'N'],
  ['APPEND', 'append to list', 'SET', 'L'],
  ['PREPEND', 'put first in list', 'SET', 'L'],
  ['REMOVE', 'remove', 'REMOVE', ''],
  ['ADD', 'add to number or set', 'ADD', 'N NS SS BS'],
  ['DELETE', 'take out of set', 'DELETE', 'SS NS BS'],
];

class Unknown extends Error {}

interface Token {
  text: string;
  start: number;
  end: number;
}

const TOKEN = /\s*([A-Za-z_]\w*|[#:]\w+|\d+|<>|<=|>=|[=<>()[\].,+-])/y;
const KEYWORD = /^(?:AND|OR|NOT|BETWEEN|IN|SET|REMOVE|ADD|DELETE)$/i;

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (reason) {
    if (reason instanceof Unknown) return undefined;
    throw reason;
  }
}

export function readCondition(text: string, scope: Scope): Group | undefined {
  return attempt(() => new Reader(text, scope).whole((reader) => reader.or()));
}

export function readProjection(text: string, scope: Scope): Path[] | undefined {
  return attempt(() => new Reader(text, scope).whole((reader) => reader.list(() => reader.path())));
}

export function readUpdate(text: string, scope: Scope): Change[] | undefined {
  return attempt(() => new Reader(text, scope).whole((reader) => reader.changes()));
}

class Reader {
  private readonly tokens: Token[] = [];
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly scope: Scope,
  ) {
    const end = text.trimEnd().length;
    TOKEN.lastIndex = 0;
    for (let from = 0; from < end; from = TOKEN.lastIndex) {
      TOKEN.lastIndex = from;
      const word = TOKEN.exec(text)?.[1];
      if (word === undefined) throw new Unknown();
      this.tokens.push({ text: word, start: TOKEN.lastIndex - word.length, end: TOKEN.lastIndex });
    }
  }

  whole<T>(read: (reader: Reader) => T): T {
    const made = read(this);
    if (this.at < this.tokens.length) throw new Unknown();
    return made;
  }

  // or = and { "OR" and }
  or(): Group {
    const items = [this.and()];
    while (this.takeWord('OR')) items.push(this.and());
    const [first] = items;
    if (first && items.length === 1) return first;
    return { not: false, op: 'OR', items: items.map((each) => (each.items.length === 1 && each.items[0]) || each) };
  }

  // and = not { "AND" not }
  private and(): Group {
    const items = [this.negation()];
    while (this.takeWord('AND')) items.push(this.negation());
    return { not: false, op: 'AND', items };
  }

  // not = [ "NOT" ] ( "(" or ")" | comparison )
  private negation(): Condition {
    const not = this.takeWord('NOT');
    if (!this.take('(')) return { ...this.comparison(), not };
    const group = this.or();
    this.expect(')');
    return { ...group, not };
  }

  private comparison(): Row {
    const [word, next] = [this.peek(), this.peek(1)];
    const isCall = next === '(';
    const entry = isCall ? COMPARISONS.find(([op]) => op === word) : undefined;
    if (entry && word !== 'IN' && word !== 'BETWEEN') {
      this.at += 2;
      const path = this.path();
      const args: Arg[] = [];
      for (let count = entry[2]; count > 0; count -= 1) {
        this.expect(',');
        args.push(this.arg());
      }
      this.expect(')');
      if (word === 'attribute_type' && args.some((arg) => 'path' in arg)) throw new Unknown();
      return { not: false, op: entry[0], path, args };
    }
    const isSize = isCall && word === 'size';
    if (isSize) this.at += 2;
    const path = this.path();
    if (isSize) this.expect(')');
    const size = isSize ? 'size ' : '';
    if (!isSize && this.takeWord('BETWEEN')) {
      const low = this.arg();
      if (!this.takeWord('AND')) throw new Unknown();
      return { not: false, op: 'BETWEEN', path, args: [low, this.arg()] };
    }
    if (!isSize && this.takeWord('IN')) {
      this.expect('(');
      const args = this.list(() => this.arg());
      this.expect(')');
      return { not: false, op: 'IN', path, args };
    }
    const op = size + this.next();
    if (!/^(?:size )?(?:<>|[<>]=?|=)$/.test(op)) throw new Unknown();
    return { not: false, op, path, args: [this.arg()] };
  }

  // update = { ( "SET" | "REMOVE" | "ADD" | "DELETE" ) change { "," change } }
  changes(): Change[] {
    const changes: Change[] = [];
    const seen = new Set<string>();
    while (this.at < this.tokens.length) {
      const clause = this.next().toUpperCase();
      if (!/^(?:SET|REMOVE|ADD|DELETE)$/.test(clause) || seen.has(clause)) throw new Unknown();
      seen.add(clause);
      changes.push(...this.list(() => this.change(clause)));
    }
    return changes;
  }

  private change(clause: string): Change {
    const from = this.at;
    const known = attempt((): Change => {
      const path = this.path();
      const change = clause === 'SET' ? this.assignment(path) : { act: clause, path, args: clause === 'REMOVE' ? [] : [this.valueArg()], clause };
      const end = this.peek();
      if (end !== undefined && end !== ',' && !/^(?:SET|REMOVE|ADD|DELETE)$/i.test(end)) throw new Unknown();
      return change;
    });
    if (known) return known;
    this.at = from;
    for (let depth = 0; ; this.at += 1) {
      const token = this.peek();
      if (token === undefined || (depth === 0 && (token === ',' || /^(?:SET|REMOVE|ADD|DELETE)$/i.test(token)))) break;
      if (token === '(') depth += 1;
      if (token === ')') depth -= 1;
      if (depth < 0) throw new Unknown();
    }
    const [first, last] = [this.tokens[from], this.tokens[this.at - 1]];
    if (!first || !last || this.at === from) throw new Unknown();
    return { act: 'RAW', path: [], args: [], clause, raw: this.text.slice(first.start, last.end) };
  }

  private assignment(path: Path): Change {
    const make = (act: string, arg: Arg): Change => ({ act, path, args: [arg], clause: 'SET' });
    const same = () => {
      if (showPath(this.path()) !== showPath(path)) throw new Unknown();
    };
    this.expect('=');
    const call = this.peek(1) === '(' ? this.peek() : undefined;
    if (call === undefined) {
      const arg = this.arg();
      const sign = 'path' in arg ? this.peek() : undefined;
      if (sign !== '+' && sign !== '-') return make('SET', arg);
      if (!('path' in arg) || showPath(arg.path) !== showPath(path)) throw new Unknown();
      this.at += 1;
      return make(sign === '+' ? 'INC' : 'DEC', this.valueArg());
    }
    this.at += 2;
    const isDefault = call === 'if_not_exists';
    if (!isDefault && call !== 'list_append') throw new Unknown();
    const isFirst = !isDefault && this.peek()?.startsWith(':');
    const before = isFirst ? this.valueArg() : same();
    this.expect(',');
    const made = before ? make('PREPEND', before) : make(isDefault ? 'DEFAULT' : 'APPEND', this.valueArg());
    if (before) same();
    this.expect(')');
    return made;
  }

  list<T>(each: () => T): T[] {
    const items = [each()];
    while (this.take(',')) items.push(each());
    return items;
  }

  path(): Path {
    const steps: Step[] = [this.name()];
    for (;;) {
      if (this.take('.')) steps.push(this.name());
      else if (this.take('[')) {
        const name = this.next();
        if (!/^\d+$/.test(name)) throw new Unknown();
        steps.push({ name, index: true });
        this.expect(']');
      } else return steps;
    }
  }

  private name(): Step {
    const as = this.next();
    const name = as.startsWith('#') ? this.scope.names.get(as) : /^[A-Za-z_]/.test(as) && !KEYWORD.test(as) ? as : undefined;
    if (name === undefined) throw new Unknown();
    return { name, as };
  }

  private arg(): Arg {
    return this.peek()?.startsWith(':') ? this.valueArg() : { path: this.path() };
  }

  private valueArg(): { value: string; as: string } {
    const as = this.next();
    const value = as.startsWith(':') ? this.scope.values.get(as) : undefined;
    if (value === undefined) throw new Unknown();
    return { value, as };
  }

  private peek(ahead = 0): string | undefined {
    return this.tokens[this.at + ahead]?.text;
  }

  private next(): string {
    const token = this.tokens[this.at];
    if (!token) throw new Unknown();
    this.at += 1;
    return token.text;
  }

  private take(text: string): boolean {
    if (this.peek() !== text) return false;
    this.at += 1;
    return true;
  }

  private takeWord(word: string): boolean {
    return this.peek()?.toUpperCase() === word && this.take(this.peek() ?? '');
  }

  private expect(text: string): void {
    if (!this.take(text)) throw new Unknown();
  }
}

export function printPath(path: Path, pen: Pen): string {
  return path.map((step, index) => (step.index ? `[${step.name}]` : (index > 0 ? '.' : '') + pen.name(step))).join('');
}

function printArg(arg: Arg, path: Path, pen: Pen): string {
  return 'path' in arg ? printPath(arg.path, pen) : pen.value(arg, path);
}

/** The text of a group's conditions, without brackets around them. */
export function printGroup({ op, items }: Group, pen: Pen): string {
  return items
    .map((item) => {
      const text = 'items' in item ? `(${printGroup(within(item), pen)})` : printRow(item, pen);
      return item.not ? `NOT ${text}` : text;
    })
    .join(` ${op} `);
}

/** A group that holds nothing but a group: DynamoDB refuses brackets that say nothing, `((a = :a))`. */
function within(group: Group): Group {
  const [only] = group.items;
  return only && 'items' in only && !only.not && group.items.length === 1 ? within(only) : group;
}

function printRow({ op, path, args }: Row, pen: Pen): string {
  const left = printPath(path, pen);
  const values = args.map((arg) => printArg(arg, path, pen));
  if (op === 'BETWEEN') return `${left} BETWEEN ${values.join(' AND ')}`;
  if (op === 'IN') return `${left} IN (${values.join(', ')})`;
  if (op.startsWith('size ')) return `size(${left}) ${op.slice(5)} ${values.join('')}`;
  if (/^\w/.test(op)) return `${op}(${[left, ...values].join(', ')})`;
  return `${left} ${op} ${values.join('')}`;
}

/** Changes in the order in which an expression must have them: clause by clause. */
export function inClauses(changes: readonly Change[]): Change[] {
  return [...new Set(changes.map(({ clause }) => clause))].flatMap((each) => changes.filter(({ clause }) => clause === each));
}

export function printUpdate(changes: readonly Change[], pen: Pen): string {
  let last = '';
  return inClauses(changes)
    .map((change) => {
      const lead = change.clause === last ? ', ' : `${last && ' '}${change.clause} `;
      last = change.clause;
      return lead + printChange(change, pen);
    })
    .join('');
}

function printChange({ act, path, args, raw, clause }: Change, pen: Pen): string {
  if (raw !== undefined) return pen.raw(raw);
  const left = printPath(path, pen);
  const value = args.map((arg) => printArg(arg, path, pen)).join('');
  if (act === 'SET') return `${left} = ${value}`;
  if (act === 'DEFAULT') return `${left} = if_not_exists(${left}, ${value})`;
  if (act === 'INC' || act === 'DEC') return `${left} = ${left} ${act === 'INC' ? '+' : '-'} ${value}`;
  if (act === 'APPEND') return `${left} = list_append(${left}, ${value})`;
  if (act === 'PREPEND') return `${left} = list_append(${value}, ${left})`;
  return clause === 'REMOVE' ? left : `${left} ${value}`;
}

/** A path as a person writes it: `address.city`, `tags[0]`, `"a.b".c` for a name that has a dot in it. */
export function showPath(path: Path): string {
  return path
    .map(({ name, index }, at) => {
      if (index) return `[${name}]`;
      const isPlain = !/[.[\]"]|^\s|\s$/.test(name) && (name !== '' || path.length === 1);
      return (at > 0 ? '.' : '') + (isPlain ? name : `"${name.replaceAll('"', '""')}"`);
    })
    .join('');
}

/** The path that a person wrote; a step that is still the same keeps how it is spelled in the expression. */
export function readPath(text: string, old: Path = []): Path {
  const steps: Step[] = [];
  let name: string | undefined;
  const finish = () => {
    if (name !== undefined) steps.push({ name });
    name = undefined;
  };
  for (const [bit, quoted, index] of text.trim().matchAll(/"((?:[^"]|"")*)"|\[(\d+)\]|[^."[]+|./gsu)) {
    if (index !== undefined && (name !== undefined || steps.length > 0)) {
      finish();
      steps.push({ name: index, index: true });
    } else if (quoted !== undefined) {
      name = (name ?? '') + quoted.replaceAll('""', '"');
    } else if (bit === '.') {
      if (name === undefined && !steps.at(-1)?.index) name = '';
      finish();
    } else {
      name = (name ?? '') + bit;
    }
  }
  finish();
  if (steps.length === 0) steps.push({ name: '' });
  return steps.map((step, at): Step => {
    const before = old[at];
    if (step.index || !before || before.index) return step;
    return before.name === step.name ? before : { ...step, ...(before.as?.startsWith('#') && { was: before.as }) };
  });
}

/** A name that a placeholder can have, after the attribute it is for. */
export function plainName(path: Path): string {
  const named = path.findLast(({ index }) => !index)?.name ?? '';
  return named.replaceAll(/\W/g, '_') || 'attribute';
}

/** A row's path after an edit; placeholders that were named after the attribute follow its name. */
export function repath<T extends { path: Path; args: readonly Arg[] }>(row: T, path: Path): T {
  const made = new RegExp(`^:${plainName(row.path)}\\d*$`);
  const renames = plainName(path) !== plainName(row.path);
  const args = row.args.map((arg): Arg => {
    if (!renames || 'path' in arg || arg.as === undefined || !made.test(arg.as)) return arg;
    return { value: arg.value, was: arg.as };
  });
  return { ...row, path, args };
}
