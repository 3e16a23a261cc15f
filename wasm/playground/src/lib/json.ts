// json.ts: turns JSON text into a tree of places in that text, so that every number and string is shown exactly as written.
// INVARIANT: nothing here reads a value. JSON.parse would round 12345678901234567890.10; this file only ever cuts the text.

/** A half-open piece of a text, in UTF-16 code units, as JavaScript and CodeMirror count. */
export interface Range {
  start: number;
  end: number;
}

export interface Scalar extends Range {
  kind: 'string' | 'number' | 'word';
}
export interface List extends Range {
  kind: 'array';
  items: Value[];
}
export interface Member {
  key: Range;
  value: Value;
}
export interface Obj extends Range {
  kind: 'object';
  members: Member[];
}
export type Value = Scalar | List | Obj;

/** The tree, or the first place where the text stops being JSON. */
export type Parsed = { root: Value } | { brokenAt: number };

/** A planner refuses JSON nested over 128; beyond this depth we draw nothing rather than risk the stack. */
const DEEPEST = 512;

export function parse(text: string): Parsed {
  const reader = new Reader(text);
  try {
    return { root: reader.document() };
  } catch (broken) {
    if (broken instanceof Broken) return { brokenAt: broken.at };
    throw broken;
  }
}

/** The text of a string token, unescaped. Only for tokens that `parse` has found. */
export function unquote(text: string, string: Range): string {
  return JSON.parse(text.slice(string.start, string.end)) as string;
}

/** The member called `name`; the last one where a name is repeated, for that is the one at fault. */
export function member(text: string, value: Value | undefined, name: string): Member | undefined {
  if (value?.kind !== 'object') return undefined;
  return value.members.findLast((each) => unquote(text, each.key) === name);
}

class Broken {
  constructor(readonly at: number) {}
}

const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const WORD = /true|false|null/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

class Reader {
  private at = 0;
  constructor(private readonly text: string) {}

  document(): Value {
    this.space();
    const root = this.value(0);
    this.space();
    if (this.at < this.text.length) throw new Broken(this.at);
    return root;
  }

  private value(depth: number): Value {
    const next = this.text[this.at];
    if (depth > DEEPEST) throw new Broken(this.at);
    if (next === '{') return this.object(depth);
    if (next === '[') return this.array(depth);
    if (next === '"') return { kind: 'string', ...this.string() };
    const number = this.match(NUMBER);
    if (number) return { kind: 'number', ...number };
    const word = this.match(WORD);
    if (word) return { kind: 'word', ...word };
    throw new Broken(this.at);
  }

  private object(depth: number): Obj {
    const start = this.at;
    const members: Member[] = [];
    this.sequence('}', () => {
      if (this.text[this.at] !== '"') throw new Broken(this.at);
      const key = this.string();
      this.space();
      this.expect(':');
      this.space();
      members.push({ key, value: this.value(depth + 1) });
    });
    return { kind: 'object', start, end: this.at, members };
  }

  private array(depth: number): List {
    const start = this.at;
    const items: Value[] = [];
    this.sequence(']', () => items.push(this.value(depth + 1)));
    return { kind: 'array', start, end: this.at, items };
  }

  /** `open (each (, each)*)? close`, with space anywhere between. */
  private sequence(close: string, each: () => void): void {
    this.at += 1;
    this.space();
    if (this.text[this.at] === close) {
      this.at += 1;
      return;
    }
    for (;;) {
      each();
      this.space();
      if (this.text[this.at] === close) break;
      this.expect(',');
      this.space();
    }
    this.at += 1;
  }

  private string(): Range {
    const start = this.at;
    this.at += 1;
    for (;;) {
      const unit = this.text.charCodeAt(this.at);
      if (unit === 0x22) break;
      if (unit === 0x5c) {
        if (!this.match(ESCAPE)) throw new Broken(this.at);
      } else if (unit >= 0x20) {
        this.at += 1;
      } else {
        // A raw control character, or NaN: the end of the text.
        throw new Broken(this.at);
      }
    }
    this.at += 1;
    return { start, end: this.at };
  }

  private match(pattern: RegExp): Range | undefined {
    pattern.lastIndex = this.at;
    const start = this.at;
    if (!pattern.test(this.text)) return undefined;
    this.at = pattern.lastIndex;
    return { start, end: this.at };
  }

  private expect(char: string): void {
    if (this.text[this.at] !== char) throw new Broken(this.at);
    this.at += 1;
  }

  private space(): void {
    while (' \t\n\r'.includes(this.text[this.at] ?? '.')) this.at += 1;
  }
}
