// shorthand.ts: turns the AWS CLI's shorthand, `id={S=1},n={N=5}`, into JSON text. A value becomes a string, which DynamoDB JSON
// takes for a boolean too.

/** Undefined for what is not shorthand, or not as simple: `a=b,c`, a list without brackets. */
export function readShorthand(text: string): string | undefined {
  const reader = new Shorthand(text);
  const members = reader.members(0);
  return reader.at === text.length ? members : undefined;
}

const KEY = /\s*([^\s=,{}[\]'"]+)\s*=\s*/y;
const TEXT = /'([^']*)'|"((?:[^"\\]|\\[^])*)"|([^\s,{}[\]'"=][^,{}[\]]*)/y;

class Shorthand {
  at = 0;
  constructor(private readonly text: string) {}

  /** `key=value, key=value`; undefined from the first fault on. */
  members(depth: number): string | undefined {
    return this.sequence('{}', () => {
      const key = this.match(KEY)?.[1];
      const value = key === undefined ? undefined : this.value(depth + 1);
      return value === undefined ? undefined : `${JSON.stringify(key)}:${value}`;
    });
  }

  private value(depth: number): string | undefined {
    const open = this.text[this.at];
    if (depth > 64) return undefined;
    if (open === '{' || open === '[') {
      this.at += 1;
      const isEmpty = this.match(/\s*(?=[}\]])/y);
      const each = () => (open === '{' ? this.members(depth) : this.sequence('[]', () => this.value(depth + 1)));
      const inner = isEmpty ? (open === '{' ? '{}' : '[]') : each();
      return this.match(open === '{' ? /\s*\}/y : /\s*\]/y) ? inner : undefined;
    }
    const found = this.match(TEXT);
    if (!found) return undefined;
    const [, single, double, bare] = found;
    return JSON.stringify(single ?? double?.replace(/\\([^])/g, '$1') ?? bare?.trim());
  }

  private sequence(brackets: string, each: () => string | undefined): string | undefined {
    const parts: string[] = [];
    do {
      const part = each();
      if (part === undefined) return undefined;
      parts.push(part);
    } while (this.match(/\s*,\s*/y));
    return (brackets[0] ?? '') + parts.join(',') + (brackets[1] ?? '');
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found;
  }
}
