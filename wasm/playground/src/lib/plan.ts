// plan.ts: turns a planner's answer (a status and a body) into what the page shows: commands, warnings, or the refusal.
// Commands stay text; only a problem's own words (message, hint, path, ...) are read.

import { member, parse, unquote, type Range, type Value } from './json.ts';
import type { Step } from './mend.ts';
import { place, placeAt } from './place.ts';

/** What is wrong or doubtful, in DynamoDB's words and then ours. DESIGN.md, "Errors". */
export interface Problem {
  severity: 'error' | 'warning';
  type?: string;
  message: string;
  rule?: string;
  path?: string;
  span?: [number, number];
  hint?: string;
  /** What mends the request. */
  fix?: Step[];
}

export interface PlannedCommand {
  /** DynamoDB's name of the call: `PutItem`. */
  api: string;
  /** The one table it names, if it names one. */
  table?: string;
  /** The wire JSON, byte for byte. */
  json: string;
}

/** Calls that go out together in an example of how a plan goes on, and what becomes of the first. */
export interface Stage {
  calls: number;
  pauseMs: number;
  command: PlannedCommand;
  /** Wire JSON of what could come back. */
  outcome: string;
}

export type Outlook =
  | { kind: 'plan'; commands: PlannedCommand[]; sequence: Stage[]; problems: Problem[] }
  | { kind: 'refusal'; status: number; problems: Problem[] };

/** The planner's answer to a question that may be refused: a line with the HTTP status, and then the body. */
export function told(answer: string): { status: number; body: string } {
  const end = answer.indexOf('\n');
  return { status: Number(answer.slice(0, end)), body: answer.slice(end + 1) };
}

export function readOutlook(status: number, body: string): Outlook {
  if (status !== 200) return { kind: 'refusal', status, problems: [readProblem(body, 'error')] };
  const parsed = parse(body);
  const root = 'root' in parsed ? parsed.root : undefined;
  return {
    kind: 'plan',
    commands: items(member(body, root, 'commands')?.value).flatMap((each) => readCommand(body, each)),
    sequence: items(member(body, root, 'sequence')?.value).flatMap((each) => readStage(body, each)),
    problems: items(member(body, root, 'warnings')?.value).map((each) =>
      readProblem(body.slice(each.start, each.end), 'warning'),
    ),
  };
}

/** An error body or one warning; whatever is missing or of the wrong type is left out. */
export function readProblem(body: string, severity: Problem['severity']): Problem {
  const known = asRecord(body);
  const span = known.span;
  return {
    severity,
    message: asString(known.message) ?? 'The answer carries no message.',
    ...(asString(known.__type) !== undefined && { type: asString(known.__type) }),
    ...(asString(known.rule) !== undefined && { rule: asString(known.rule) }),
    ...(asString(known.path) !== undefined && { path: asString(known.path) }),
    ...(asString(known.hint) !== undefined && { hint: asString(known.hint) }),
    ...(isSpan(span) && { span }),
    ...readFix(body),
  };
}

/** The patch, if there is one; its values stay text. */
function readFix(body: string): { fix?: Step[] } {
  const parsed = parse(body);
  const steps = items(member(body, 'root' in parsed ? parsed.root : undefined, 'fix')?.value);
  const fix = steps.flatMap((step): Step[] => {
    const text = (name: string) => {
      const value = member(body, step, name)?.value;
      return value?.kind === 'string' ? unquote(body, value) : undefined;
    };
    const [op, path, from] = [text('op'), text('path'), text('from')];
    const value = member(body, step, 'value')?.value;
    if (path === undefined || (op !== 'add' && op !== 'remove' && op !== 'replace' && op !== 'move')) return [];
    return [{ op, path, ...(from !== undefined && { from }), ...(value && { value: body.slice(value.start, value.end) }) }];
  });
  return fix.length > 0 && fix.length === steps.length ? { fix } : {};
}

/** Where in the request a problem is. Text that is not JSON has no pointers; there the message ends with the place. */
export function placeOf(request: string, problem: Problem): Range | undefined {
  if (problem.path !== undefined) return place(request, problem.path, problem.span);
  const stated = problem.type === 'SerializationException' && / at line (\d+), column (\d+)$/.exec(problem.message);
  return stated ? placeAt(request, Number(stated[1]), Number(stated[2])) : undefined;
}

function readCommand(body: string, command: Value): PlannedCommand[] {
  const only = command.kind === 'object' ? command.members[0] : undefined;
  if (!only) return [];
  const table = member(body, only.value, 'TableName')?.value;
  return [
    {
      api: unquote(body, only.key),
      ...(table?.kind === 'string' && { table: unquote(body, table) }),
      json: body.slice(only.value.start, only.value.end),
    },
  ];
}

function readStage(body: string, stage: Value): Stage[] {
  const value = (name: string) => member(body, stage, name)?.value;
  const [wire, outcome] = [value('command'), value('outcome')];
  const [command] = wire ? readCommand(body, wire) : [];
  if (!command || !outcome) return [];
  const number = (of: Value | undefined) => (of ? Number(body.slice(of.start, of.end)) : 0);
  return [
    {
      calls: number(value('calls')),
      pauseMs: number(value('pauseMs')),
      command,
      outcome: body.slice(outcome.start, outcome.end),
    },
  ];
}

function items(value: Value | undefined): Value[] {
  return value?.kind === 'array' ? value.items : [];
}

function asRecord(body: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isSpan(value: unknown): value is [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isInteger);
}
