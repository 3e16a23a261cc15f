// pretty.ts: turns JSON text into the same JSON, laid out for reading, in pieces that say what they are.
// Only the space between tokens changes: joined and stripped of that space, the pieces are the text that came in.

import { parse, type Range, type Scalar, type Value } from './json.ts';

export interface Piece {
  kind: 'key' | 'string' | 'number' | 'word' | 'mark' | 'space';
  text: string;
}

/** Columns a line should keep within, where there is room for as many. */
export const WIDTH = 68;

/** The pieces of `text`, or undefined when it is not JSON and must be shown as it is. */
export function pretty(text: string, width = WIDTH): Piece[] | undefined {
  const parsed = parse(text);
  if ('brokenAt' in parsed) return undefined;
  const layout = new Layout(text, width);
  layout.value(parsed.root, 0, 0);
  return layout.pieces;
}

export function prettyText(text: string, width = WIDTH): string | undefined {
  return pretty(text, width)
    ?.map((piece) => piece.text)
    .join('');
}

class Layout {
  readonly pieces: Piece[] = [];
  constructor(
    private readonly text: string,
    private readonly columns: number,
  ) {}

  /** Writes `value`, which starts `column` columns into its line and closes at `indent`. */
  value(value: Value, indent: number, column: number): void {
    const parts = partsOf(value);
    if (!parts) {
      this.push(value.kind as Scalar['kind'], value);
      return;
    }
    const [open, close] = value.kind === 'object' ? ['{', '}'] : ['[', ']'];
    const width = lineWidth(value);
    const broken = width === undefined || (parts.length > 0 && column + width > this.columns);
    this.mark(open);
    parts.forEach((part, index) => {
      if (index > 0) this.mark(',');
      if (broken) this.space(`\n${'  '.repeat(indent + 1)}`);
      else if (index > 0) this.space(' ');
      this.part(part, broken ? indent + 1 : indent, broken ? 2 * (indent + 1) : 0);
    });
    if (broken) this.space(`\n${'  '.repeat(indent)}`);
    this.mark(close);
  }

  private part({ key, value }: { key?: Range; value: Value }, indent: number, column: number): void {
    if (key) {
      this.push('key', key);
      this.mark(':');
      this.space(' ');
    }
    this.value(value, indent, column + (key ? key.end - key.start + 2 : 0));
  }

  private push(kind: Piece['kind'], range: Range): void {
    this.pieces.push({ kind, text: this.text.slice(range.start, range.end) });
  }

  private mark(text: string): void {
    this.pieces.push({ kind: 'mark', text });
  }

  private space(text: string): void {
    this.pieces.push({ kind: 'space', text });
  }
}

/**
 * The width of `value` on one line, or undefined when it needs several. One line is for what holds only scalars,
 * `{"id": "1", "number": 5}`, and for a chain of one-member objects and lists, `{"id": {"S": "1"}}`.
 */
function lineWidth(value: Value): number | undefined {
  const parts = partsOf(value);
  if (!parts) return value.end - value.start;
  let width = 2 + 2 * Math.max(0, parts.length - 1);
  for (const { key, value: inner } of parts) {
    const count = partsOf(inner)?.length ?? 0;
    const isChain = parts.length === 1 && count === 1;
    const innerWidth = count === 0 || isChain ? lineWidth(inner) : undefined;
    if (innerWidth === undefined) return undefined;
    width += innerWidth + (key ? key.end - key.start + 2 : 0);
  }
  return width;
}

/** What a container holds, in order; undefined for a scalar. */
function partsOf(value: Value): { key?: Range; value: Value }[] | undefined {
  if (value.kind === 'object') return value.members;
  if (value.kind === 'array') return value.items.map((item) => ({ value: item }));
  return undefined;
}
