// formswitch.ts: turns a request into the same request with another operation, or in another notation.
// What the new operation does not take is set aside, not dropped: it comes back with an operation that takes it.

import { convert, type Notation } from './convert.ts';
import { placeholdersIn, scopeOf, usedBeside } from './formscope.ts';
import { add, get, partsOf, set, setObject, textOf } from './formtext.ts';
import { EXPRESSIONS, membersAt, type Surroundings } from './vocabulary.ts';

/** A member that an operation did not take, with the placeholders that it alone used. */
export interface Aside {
  object: string;
  name: string;
  source: string;
  /** The operation it was for. */
  from: string;
  placeholders: readonly (readonly [map: string, name: string, source: string])[];
}

/** What was set aside, and the last switch, so that it can be taken back to the letter. */
export interface Memory {
  asides: readonly Aside[];
  last?: { operation: string; before: string; after: string; asides: readonly Aside[] };
}

const OBJECTS = ['payload', 'options'];
const MAPS = ['ExpressionAttributeNames', 'ExpressionAttributeValues'];

export function surroundings(text: string): Surroundings {
  const operation = textOf(get(text, 'operation'));
  return { hasTableName: get(text, 'tableName') !== undefined, ...(operation !== undefined && { operation }) };
}

export function switchOperation(text: string, to: string, memory: Memory): { text: string; memory: Memory } {
  const from = textOf(get(text, 'operation')) ?? '';
  if (from === to) return { text, memory };
  if (memory.last?.operation === to && memory.last.after === text) {
    return { text: memory.last.before, memory: { asides: memory.last.asides } };
  }
  let made = set(text, 'operation', JSON.stringify(to));
  const asides = [...memory.asides];
  for (const object of OBJECTS) {
    const taken = membersAt([object], { ...surroundings(made) })?.map(({ name }) => name);
    const before = get(made, object) ?? '{}';
    if (taken === undefined || !before.startsWith('{')) continue;
    const goes = partsOf(before).filter(({ name }) => !taken.includes(name) && !(object === 'payload' && MAPS.includes(name)));
    const names = goes.map(({ name }) => name).filter((name) => EXPRESSIONS.includes(name));
    let kept = before;
    // What stands around them before any goes: two that go may share a placeholder.
    const others = usedBeside(before, names);
    const { names: nameTexts, values } = scopeOf(before);
    for (const { name, source } of goes) {
      const own = EXPRESSIONS.includes(name) ? [...new Set(placeholdersIn(textOf(source)))].filter((each) => !others.has(each)) : [];
      const placeholders = own.flatMap((each) => {
        const [map, value] = each.startsWith('#') ? [MAPS[0], JSON.stringify(nameTexts.get(each))] : [MAPS[1], values.get(each)];
        return map !== undefined && value !== undefined ? [[map, each, value] as const] : [];
      });
      asides.push({ object, name, source, from, placeholders });
      for (const [map, each] of placeholders) kept = within(kept, map, each, undefined);
    }
    for (const aside of asides.filter((each) => each.object === object && taken.includes(each.name))) {
      const restored = putBack(kept, aside);
      if (restored === undefined) continue;
      kept = restored;
      asides.splice(asides.indexOf(aside), 1);
    }
    kept = guessKey(kept, taken);
    // They go last: an object that was empty in between would lose its lines.
    for (const { name } of goes) kept = set(kept, name, undefined);
    if (kept !== before) made = object === 'options' && partsOf(kept).length === 0 ? set(made, object, undefined) : setObject(made, object, kept);
  }
  // The same parameter twice: the later is what was typed last.
  const latest = asides.filter((each, index) => !asides.slice(index + 1).some((later) => later.object === each.object && later.name === each.name));
  return { text: made, memory: { asides: latest, last: { operation: from, before: text, after: made, asides: memory.asides } } };
}

/** The object with a member that was set aside; undefined if it has one of that name, or its placeholders mean something else. */
export function putBack(object: string, aside: Aside): string | undefined {
  if (get(object, aside.name) !== undefined) return undefined;
  let made = add(object, aside.name, aside.source);
  for (const [map, name, source] of aside.placeholders) {
    const present = get(get(made, map) ?? '{}', name);
    if (present !== undefined && present !== source) return undefined;
    made = within(made, map, name, source);
  }
  return made;
}

function within(object: string, map: string, name: string, source: string | undefined): string {
  const made = set(get(object, map) ?? '{}', name, source);
  return set(object, map, partsOf(made).length === 0 ? undefined : made);
}

/** An item's key most often comes first in it: somewhere to start from. */
function guessKey(object: string, taken: readonly string[]): string {
  const [item, key] = [get(object, 'Item'), get(object, 'Key')];
  const first = item?.startsWith('{') ? partsOf(item)[0] : undefined;
  if (taken.includes('Key') && key === undefined && first) return add(object, 'Key', `{${JSON.stringify(first.name)}: ${first.source}}`);
  return taken.includes('Item') && item === undefined && key !== undefined ? add(object, 'Item', key) : object;
}

/** The request with every attribute value in that notation; undefined stands for the one that needs no option. */
export function setFormat(text: string, to: Notation | undefined): string {
  const converted = convert(text, to ?? 'plain');
  // What has no other notation stays as it is, and is then told by the planner.
  const made = 'fault' in converted ? text : converted.text;
  const options = set(get(made, 'options') ?? '{}', 'format', to && JSON.stringify(to));
  return set(made, 'options', partsOf(options).length === 0 ? undefined : options);
}
