// formscope.ts: turns rows of a builder into an expression and the placeholders it needs, in the text of the parameters around it.
// INVARIANT: what another expression uses is neither changed nor removed.

import type { Path, Pen, Scope, Step } from './formexpression.ts';
import { plainName } from './formexpression.ts';
import { add, drop, get, partOf, partsOf, rename, set, splice, textOf } from './formtext.ts';
import { EXPRESSIONS } from './vocabulary.ts';

const NAMES = 'ExpressionAttributeNames';
const VALUES = 'ExpressionAttributeValues';

export function scopeOf(source: string): Scope {
  return {
    names: new Map(partsOf(get(source, NAMES) ?? '').flatMap((part) => {
      const name = textOf(part.source);
      return name === undefined ? [] : [[part.name, name] as const];
    })),
    values: new Map(partsOf(get(source, VALUES) ?? '').map((part) => [part.name, part.source])),
  };
}

/** The placeholders in an expression, whether or not it can be read. */
export function placeholdersIn(expression: string | undefined): string[] {
  return expression?.match(/[#:]\w+/g) ?? [];
}

/** The placeholders that the expressions of `source` use, but for those in `except`. */
export function usedBeside(source: string, except: readonly string[]): Set<string> {
  const others = EXPRESSIONS.filter((name) => !except.includes(name));
  return new Set(others.flatMap((name) => placeholdersIn(textOf(get(source, name)))));
}

/** The parameters with that expression as `print` writes it; without it, if there is nothing to write. */
export function setExpression(source: string, parameter: string, print: ((pen: Pen) => string) | undefined): string {
  const scope = scopeOf(source);
  const others = usedBeside(source, [parameter]);
  const before = placeholdersIn(textOf(get(source, parameter)));

  // First to see what stays, so that nothing new takes its name.
  const kept = new Map<string, number>();
  const keep = (as: string | undefined) => {
    if (as !== undefined) kept.set(as, (kept.get(as) ?? 0) + 1);
    return '';
  };
  print?.({
    name: ({ as }) => keep(as),
    value: ({ as }) => keep(as),
    raw: (text) => (placeholdersIn(text).forEach(keep), ''),
  });

  const names = new Map<string, string>();
  const values = new Map<string, string>();
  const renamed = new Map<string, string>();
  const free = (base: string, isFree: (as: string) => boolean) => {
    let as = base;
    for (let count = 2; !isFree(as); count += 1) as = base + count;
    return as;
  };
  const isTaken = (as: string) => kept.has(as) || others.has(as);
  const pen: Pen = {
    name: (step: Step) => {
      if (step.as !== undefined) {
        if (step.as.startsWith('#')) names.set(step.as, step.name);
        return step.as;
      }
      const shared = [...names, ...scope.names].find(([as, name]) => name === step.name && (names.has(as) || isTaken(as)));
      const as = shared?.[0] ?? free(`#${plainName([step])}`, (each) => !isTaken(each) && !names.has(each));
      names.set(as, step.name);
      if (step.was !== undefined) renamed.set(step.was, as);
      return as;
    },
    value: ({ value, as, was }, path: Path) => {
      // A value that others use as well becomes one of its own when it changes.
      const isOwn = as !== undefined && (scope.values.get(as) === value || (kept.get(as) === 1 && !others.has(as)));
      const made = isOwn ? as : free(`:${plainName(path)}`, (each) => !isTaken(each) && !values.has(each));
      values.set(made, value);
      if (was !== undefined) renamed.set(was, made);
      return made;
    },
    raw: (text) => text,
  };
  const text = print?.(pen);
  const gone = before.filter((as) => !others.has(as) && !placeholdersIn(text).includes(as));
  let made = set(source, parameter, text === undefined || text === '' ? undefined : JSON.stringify(text));
  made = settle(made, NAMES, [...names].map(([as, name]) => [as, JSON.stringify(name)]), gone, renamed);
  return settle(made, VALUES, [...values], gone, renamed);
}

/** Brings a map of placeholders up to date, in as few changes of its text as it takes. */
function settle(
  source: string,
  member: string,
  wanted: readonly (readonly [as: string, source: string])[],
  gone: readonly string[],
  renamed: ReadonlyMap<string, string>,
): string {
  let map = get(source, member) ?? '{}';
  if (!map.startsWith('{')) return source;
  for (const as of gone) {
    const part = partOf(map, as);
    const now = renamed.get(as);
    if (part) map = now !== undefined && !partOf(map, now) ? rename(map, part, now) : drop(map, part);
  }
  for (const [as, value] of wanted) {
    const part = partOf(map, as);
    if (!part) map = add(map, as, value);
    // A spelling that says the same, "\u0061" for "a", stays.
    else if (part.source !== value && (textOf(value) === undefined || textOf(part.source) !== textOf(value))) map = splice(map, part, value);
  }
  const isEmpty = partsOf(map).length === 0;
  if (isEmpty && (gone.length > 0 || get(source, member) === undefined)) return set(source, member, undefined);
  return get(source, member) === map ? source : set(source, member, map);
}
