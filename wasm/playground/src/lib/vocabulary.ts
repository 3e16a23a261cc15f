// vocabulary.ts: turns a place in a request into what may stand there, by the planner's own tables (vocabulary.json).

import tables from './vocabulary.json';

/** What a member holds. */
export type Kind =
  | 'text'
  | 'expression'
  | 'name'
  | 'boolean'
  | 'integer'
  | 'attributes'
  | 'value'
  | 'place'
  | { words: string[] }
  | { list: Kind }
  | { map: Kind }
  | { shape: string };

/** A name that may stand somewhere, and what it means. */
export interface Word {
  name: string;
  about: string;
  kind?: Kind;
  required?: boolean;
  legacy?: boolean;
}

interface Parameter {
  about: string;
  kind: Kind;
  required?: boolean;
  legacy?: boolean;
}
interface Operation {
  about: string;
  options: string[];
  call?: string;
  payload?: string;
  ofOneTable?: string;
}

const SHAPES = tables.shapes as unknown as Record<string, Record<string, Parameter>>;
const OPERATIONS = tables.operations as unknown as Record<string, Operation>;
const OPTIONS = tables.options as unknown as Record<string, Parameter>;
const MEMBERS = tables.members as Record<string, string>;

/** The functions of expressions, and the words between them. */
export const FUNCTIONS: readonly string[] = tables.functions;
export const KEYWORDS: readonly string[] = ['AND', 'OR', 'NOT', 'BETWEEN', 'IN', 'SET', 'REMOVE', 'ADD', 'DELETE'];
export const EXPRESSIONS: readonly string[] = tables.expressions;

/** What is known of the request around the place. */
export interface Surroundings {
  operation?: string;
  hasTableName: boolean;
}

/** The members that an object at that path may have; undefined where only the user knows. */
export function membersAt(path: readonly string[], around: Surroundings): Word[] | undefined {
  const operation = own(OPERATIONS, around.operation);
  if (path.length === 0) {
    return Object.entries(MEMBERS).map(([name, about]) => ({ name, about, kind: kindOfMember(name, operation) }));
  }
  if (path.length === 1 && path[0] === 'options') {
    const names = operation?.options ?? Object.keys(OPTIONS);
    return names.flatMap((name) => word(name, own(OPTIONS, name)));
  }
  const kind = kindAt(path, around);
  if (typeof kind !== 'object' || !('shape' in kind)) return undefined;
  // The table of the payload is the request's tableName.
  const isPayload = path.length === 1;
  return Object.entries(own(SHAPES, kind.shape) ?? {})
    .filter(([name]) => !(isPayload && name === 'TableName'))
    .flatMap(([name, parameter]) => word(name, parameter));
}

/** What the value at that path holds; undefined where only the user knows. */
export function kindAt(path: readonly string[], around: Surroundings): Kind | undefined {
  const [first, ...rest] = path;
  const operation = own(OPERATIONS, around.operation);
  if (first === undefined) return undefined;
  if (first === 'options') return rest[0] === undefined ? undefined : follow(own(OPTIONS, rest[0])?.kind, rest.slice(1));
  return follow(kindOfMember(first, operation, around.hasTableName), rest);
}

/** What the member at the end of that path means. */
export function aboutAt(path: readonly string[], around: Surroundings): Word | undefined {
  const name = path.at(-1);
  return membersAt(path.slice(0, -1), around)?.find((each) => each.name === name);
}

/** Every operation. */
export function operations(): Word[] {
  return Object.entries(OPERATIONS).map(([name, { about, call }]) => ({ name, about: call ? `${about} (${call})` : about }));
}

function kindOfMember(name: string, operation: Operation | undefined, hasTableName = false): Kind | undefined {
  if (name === 'operation') return { words: Object.keys(OPERATIONS) };
  if (name === 'tableName') return 'name';
  if (name !== 'payload') return undefined;
  const shape = hasTableName ? (operation?.ofOneTable ?? operation?.payload) : operation?.payload;
  return shape === undefined ? undefined : { shape };
}

function follow(kind: Kind | undefined, path: readonly string[]): Kind | undefined {
  const [step, ...rest] = path;
  if (step === undefined || kind === undefined) return kind;
  if (kind === 'attributes') return follow('value', rest);
  if (typeof kind !== 'object') return undefined;
  if ('list' in kind) return follow(kind.list, rest);
  if ('map' in kind) return follow(kind.map, rest);
  if ('shape' in kind) return follow(own(own(SHAPES, kind.shape), step)?.kind, rest);
  return undefined;
}

function word(name: string, parameter: Parameter | undefined): Word[] {
  return parameter ? [{ name, ...parameter }] : [];
}

/** A member of a table, and nothing that every object has: a request may say `constructor`. */
function own<T>(table: Record<string, T> | undefined, name: string | undefined): T | undefined {
  return table !== undefined && name !== undefined && Object.hasOwn(table, name) ? table[name] : undefined;
}
