// examples.test.ts: turns every example into proof, by the planner's own wasm, that it teaches what it says; and docs/examples.md
// into a table of their links. `UPDATE=1` rewrites the table.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { FIRST, GROUPS, exampleById, type Example } from '../src/lib/examples.ts';
import { readOutlook, type Problem } from '../src/lib/plan.ts';
import { mend } from '../src/lib/mend.ts';
import { exampleLink } from '../src/lib/share.ts';
import { operations } from '../src/lib/vocabulary.ts';
import { preview } from './planner.ts';

const TABLE = fileURLToPath(new URL('../../../docs/examples.md', import.meta.url));
const ALL = GROUPS.flatMap((group) => group.examples);
const MISTAKES = ALL.filter((example) => example.rule !== undefined);

/** Mistakes whose rule gives neither a hint nor a fix: there the example's own words are all the help there is. */
const UNAIDED = ['mistake-limit'];

function planned(text: string): { kind: string; problems: Problem[] } {
  const { status, body } = preview(text);
  return readOutlook(status, body);
}

/** The problem that a mistake is there to show. */
function lesson({ id, text, rule }: Example): Problem {
  const { problems } = planned(text);
  const problem = problems.find((each) => each.rule === rule);
  assert.ok(problem, `${id}: expected ${rule}, but found ${problems.map((each) => each.rule).join(', ') || 'no problem'}`);
  return problem;
}

test('a mistake gives the rule it names, and its fix mends it', () => {
  for (const example of MISTAKES) {
    const { fix } = lesson(example);
    if (!fix) continue;
    const mended = mend(example.text, fix);
    assert.ok(mended !== undefined, `${example.id}: the fix applies`);
    assert.ok(!planned(mended).problems.some((each) => each.rule === example.rule), `${example.id}: ${mended}`);
  }
});

test('the planner says what to do about every mistake but these', () => {
  const unaided = MISTAKES.filter((example) => {
    const { fix, hint } = lesson(example);
    return !fix && hint === undefined;
  });
  assert.deepEqual(unaided.map((example) => example.id), UNAIDED);
});

test('every other example plans without a problem', () => {
  for (const { id, text, rule } of ALL) {
    if (rule !== undefined) continue;
    const { kind, problems } = planned(text);
    assert.deepEqual({ id, kind, problems }, { id, kind: 'plan', problems: [] });
  }
});

test('every operation has an example, and 12 to 20 mistakes are told', () => {
  const shown = new Set(ALL.filter((each) => each.rule === undefined).map((each) => /"operation": "(\w+)"/.exec(each.text)?.[1]));
  assert.deepEqual([...shown].sort(), operations().map((each) => each.name).sort());
  assert.ok(MISTAKES.length >= 12 && MISTAKES.length <= 20, `${MISTAKES.length} mistakes`);
});

test('each has an id, a name and a lesson of its own', () => {
  for (const part of ['id', 'name', 'about', 'text'] as const) {
    const parts = ALL.map((example) => example[part]);
    assert.equal(new Set(parts).size, parts.length, part);
  }
  for (const { id } of ALL) assert.match(id, /^[a-z]+(-[a-z]+)*$/);
  assert.ok(exampleById(FIRST));
  assert.equal(exampleById('constructor'), undefined);
});

// Links to these are in the world.
test('the ids of old stay', () => {
  const old = ['echo', 'create', 'read', 'list', 'update', 'delete', 'ping', 'query', 'list-all', 'batch-write', 'batch-read',
    'transact-write', 'values', 'mistake-item', 'mistake-dry-run', 'mistake-typed'];
  assert.deepEqual(old.filter((id) => !exampleById(id)), []);
});

test('docs/examples.md lists every example with its link', () => {
  const written = table();
  if (process.env.UPDATE) writeFileSync(TABLE, written);
  assert.equal(existsSync(TABLE) && readFileSync(TABLE, 'utf8'), written, 'run the test with UPDATE=1 to rewrite docs/examples.md');
});

function table(): string {
  const link = ({ id, name }: Example) => `[${name}](${exampleLink('http://127.0.0.1:8080/', id)})`;
  const sections = GROUPS.map(({ name, examples }) => {
    const [head, row] = examples.some((each) => each.rule !== undefined)
      ? [['Mistake', 'What to do instead', 'Rule', 'The planner offers'], mistakeRow]
      : [['Example', 'What it does'], (each: Example) => [link(each), each.about]];
    return `## ${name}\n\n${[head, head.map(() => '---'), ...examples.map(row)].map(line).join('\n')}\n`;
  });
  function mistakeRow(each: Example): string[] {
    const { fix, hint } = lesson(each);
    const offers = [fix && 'a fix', hint !== undefined && 'a hint'].filter(Boolean).join(' and ');
    return [link(each), each.about, `[${each.rule}](rules.md#${each.rule})`, offers];
  }
  return `# Examples

Every example of the playground, each with a link that opens it there. The links lead to a server on this machine, which \`cargo xtask serve\` starts; behind another
address the part from \`#\` on is the same.

This page is written from \`wasm/playground/src/lib/examples.ts\` (\`UPDATE=1 node --import tsx --test test/examples.test.ts\` in \`wasm/playground\`), and a test plans each of them.

${sections.join('\n')}`;
}

function line(cells: string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
