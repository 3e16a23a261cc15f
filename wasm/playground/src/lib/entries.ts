// entries.ts: turns examples, operations, tables, saved requests and history into what one search finds, and what was found into a request.

import { exampleById, GROUPS } from './examples.ts';
import type { Library } from './library.ts';
import { mend } from './mend.ts';
import { titleOf } from './title.ts';
import { operations } from './vocabulary.ts';

/** Something to find; the id says what it is to whoever runs it. */
export interface Entry {
  id: string;
  name: string;
  group: string;
  hint?: string;
  /** As in `Mod-K`. */
  keys?: string;
}

export function libraryEntries(library: Library): Entry[] {
  const texts = [...library.history, ...library.collections.flatMap((each) => each.requests)].map((each) => each.text);
  const tables = [...new Set(texts.map((text) => titleOf(text).table))].filter(Boolean).sort();
  return [
    ...GROUPS.flatMap(({ name: of, examples }) => {
      const group = of === 'Operations' ? 'Example' : of;
      return examples.map(({ id, name, about }) => ({ id, name, group, hint: about }));
    }),
    ...operations().map(({ name, about }) => ({ id: `operation:${name}`, name, group: 'Operation', hint: about })),
    ...tables.map((name) => ({ id: `table:${name}`, name, group: 'Table', hint: 'Sends the request to this table' })),
    ...library.collections.flatMap(({ name: hint, requests }) => requests.map(({ id, name }) => ({ id, name, group: 'Saved', hint }))),
    ...library.history.map(({ id, text, at }) => {
      const { operation, subject } = titleOf(text);
      return { id, name: `${operation} ${subject}`, group: 'History', hint: when(at) };
    }),
  ];
}

/** The request that an entry of the library means, given the one that is in the editor; undefined for other entries. */
export function chosen(id: string, library: Library, text: string): string | undefined {
  const [, part, name] = /^(operation|table):(.*)$/s.exec(id) ?? [];
  if (name !== undefined) {
    const path = part === 'table' ? '/tableName' : '/operation';
    return mend(text, [{ op: 'add', path, value: JSON.stringify(name) }]) ?? text;
  }
  return textOf(id, library);
}

/** The text of an example, of a saved request, or of a run. */
export function textOf(id: string, library: Library): string | undefined {
  const kept = [...library.collections.flatMap((each) => each.requests), ...library.history];
  return exampleById(id)?.text ?? kept.find((each) => each.id === id)?.text;
}

/** The time alone where it was today. */
export function when(at: number): string {
  const date = new Date(at);
  const time = date.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  return date.toDateString() === new Date().toDateString() ? time : `${date.toLocaleDateString([], { month: 'short', day: 'numeric' })}, ${time}`;
}
