// shell.ts: turns the text of a shell into the words of its commands, as bash splits them. Nothing is run and nothing is filled
// in: a word that only a shell could fill in says so. Linear in the text, whatever it holds.

export interface Word {
  text: string;
  /** What only a shell can fill in, as it is written: `$HOME`, `$(date)`. */
  open?: string;
}

export interface Command {
  words: Word[];
  /** What it is given on stdin by a here-document, and to which file it writes. */
  stdin?: Word;
  output?: string;
}

const ESCAPES: Record<string, string> = { n: '\n', t: '\t', r: '\r', a: '\x07', b: '\b', e: '\x1b', E: '\x1b', f: '\f', v: '\v' };
/** One escape within $'...', or the bytes of one character. */
const ESCAPE = /\\(?:u([0-9a-fA-F]{1,4})|U([0-9a-fA-F]{1,8})|((?:x[0-9a-fA-F]{1,2}\\)*x[0-9a-fA-F]{1,2})|([0-7]{1,3})|([^]))/y;
const FILLED = /\$(?:[A-Za-z0-9_@*#?!-]|\{|\()|`/y;

export function commands(text: string): Command[] {
  return new Shell(text).all();
}

class Shell {
  private at = 0;
  private readonly found: Command[] = [];
  private current: Command = { words: [] };
  private word: Word | undefined;
  /** What the next word is, if no argument. */
  private redirect: '<<' | '>' | '<' | undefined;
  private readonly awaited: { command: Command; end: string; isLiteral: boolean }[] = [];

  constructor(private readonly text: string) {}

  all(): Command[] {
    while (this.at < this.text.length) this.step();
    this.endCommand();
    return this.found;
  }

  private step(): void {
    const char = this.text[this.at] as string;
    const next = this.text[this.at + 1];
    if (char === '\\') this.escape(next);
    else if (char === "'") this.single();
    else if (char === '"') this.double();
    else if (char === '$' && next === "'") this.ansi();
    else if (char === ' ' || char === '\t' || char === '\r') this.skip();
    else if (char === '\n') this.line();
    else if (char === '#' && !this.word) this.at = this.lineEnd();
    else if (char === ';' || char === '|' || char === '&') {
      this.endCommand();
      this.at += 1;
    } else if (char === '<' || char === '>') this.arrow(char);
    else {
      this.note();
      this.add(char, 1);
    }
  }

  private escape(next: string | undefined): void {
    if (next === '\n') this.at += 2;
    else if (next === '\r' && this.text[this.at + 2] === '\n') this.at += 3;
    else this.add(next ?? '', 2);
  }

  private single(): void {
    const end = this.until(this.text.indexOf("'", this.at + 1));
    this.add(this.text.slice(this.at + 1, end), end + 1 - this.at);
  }

  private double(): void {
    this.add('', 1);
    for (;;) {
      const char = this.text[this.at];
      if (char === undefined || char === '"') break;
      const next = this.text[this.at + 1];
      if (char === '\\' && next !== undefined && '$`"\\\n'.includes(next)) this.add(next === '\n' ? '' : next, 2);
      else {
        this.note();
        this.add(char, 1);
      }
    }
    this.at += 1;
  }

  private ansi(): void {
    this.add('', 2);
    for (;;) {
      const char = this.text[this.at];
      if (char === undefined || char === "'") break;
      ESCAPE.lastIndex = this.at;
      const found = char === '\\' ? ESCAPE.exec(this.text) : undefined;
      if (!found) this.add(char, 1);
      else this.add(unescaped(found), found[0].length);
    }
    this.at += 1;
  }

  private skip(): void {
    this.endWord();
    this.at += 1;
  }

  private line(): void {
    this.endCommand();
    this.at += 1;
    for (const { command, end, isLiteral } of this.awaited.splice(0)) {
      // Up to the line that is the end word alone.
      const lines = `\n${end}\n`;
      const stop = this.text.startsWith(lines.slice(1), this.at) ? this.at - 1 : this.text.indexOf(lines, this.at);
      const last = this.text.endsWith(lines.slice(0, -1)) ? this.text.length - end.length - 1 : this.text.length;
      const from = stop < 0 ? last : stop;
      const text = this.text.slice(this.at, Math.max(this.at, from));
      const open = isLiteral ? null : /\$[A-Za-z_{(]|`/.exec(text);
      command.stdin = { text, ...(open && { open: open[0] }) };
      this.at = Math.min(this.text.length, from + lines.length);
    }
  }

  private arrow(char: string): void {
    this.endWord();
    const doubled = this.text[this.at + 1] === char;
    this.redirect = char === '>' ? '>' : doubled ? '<<' : '<';
    this.at += doubled ? 2 : 1;
  }

  /** Whether what stands here is for the shell to fill in. */
  private note(): void {
    FILLED.lastIndex = this.at;
    if (!FILLED.test(this.text)) return;
    this.word ??= { text: '' };
    this.word.open ??= /^[^\s"'\\;|&<>]{1,24}/.exec(this.text.slice(this.at, this.at + 24))?.[0] ?? '$';
  }

  private add(text: string, length: number): void {
    this.word ??= { text: '' };
    this.word.text += text;
    this.at += length;
  }

  private endWord(): void {
    const word = this.word;
    if (!word) return;
    this.word = undefined;
    const redirect = this.redirect;
    this.redirect = undefined;
    if (redirect === '<<') {
      const before = this.text[this.at - 1];
      this.awaited.push({ command: this.current, end: word.text, isLiteral: before === "'" || before === '"' });
    } else if (redirect === '>') this.current.output = word.text;
    else if (!redirect) this.current.words.push(word);
  }

  private endCommand(): void {
    this.endWord();
    if (this.current.words.length > 0) this.found.push(this.current);
    this.current = { words: [] };
  }

  private lineEnd(): number {
    return this.until(this.text.indexOf('\n', this.at));
  }

  private until(found: number): number {
    return found < 0 ? this.text.length : found;
  }
}

function unescaped([, short, long, bytes, octal, other = '']: RegExpExecArray): string {
  const hex = short ?? long;
  if (hex !== undefined) {
    const code = Number.parseInt(hex, 16);
    return code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
  }
  if (bytes !== undefined) {
    return new TextDecoder().decode(Uint8Array.from(bytes.split('\\'), (byte) => Number.parseInt(byte.slice(1), 16)));
  }
  if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
  if (`'"\\?`.includes(other)) return other;
  return Object.hasOwn(ESCAPES, other) ? (ESCAPES[other] ?? '') : `\\${other}`;
}
