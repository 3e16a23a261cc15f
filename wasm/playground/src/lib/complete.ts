// complete.ts: turns the place of the cursor into what could be typed there, and the word under the pointer into what it means.
// What there is, the planner's tables say (vocabulary.ts); attribute names and placeholders are the request's own.

import type { Completion, CompletionContext, CompletionResult } from '@codemirror/autocomplete';
import { syntaxTree } from '@codemirror/language';
import type { EditorState } from '@codemirror/state';
import type { SyntaxNode } from '@lezer/common';
import {
  aboutAt,
  EXPRESSIONS,
  FUNCTIONS,
  KEYWORDS,
  kindAt,
  membersAt,
  operations,
  type Kind,
  type Surroundings,
  type Word,
} from './vocabulary.ts';

/** What could stand at the cursor. */
export function complete(context: CompletionContext): CompletionResult | null {
  const { state, pos } = context;
  const around = surroundings(state);
  const node = syntaxTree(state).resolveInner(pos, -1);
  // A string that is still without its closing quote is an error to the parser; what it is to be, its place says.
  const isOpen = node.name === '⚠' && state.sliceDoc(node.from, node.from + 1) === '"';
  const isName = node.name === 'PropertyName' || (isOpen && node.parent?.name === 'Object');
  if (isName && inside(node, pos)) {
    const object = node.name === 'PropertyName' ? node.parent?.parent : node.parent;
    if (object?.name !== 'Object') return null;
    return names(state, object, around, { from: node.from, to: node.to, present: text(state, node) });
  }
  const isValue = node.name === 'String' || (isOpen && node.parent?.name === 'Property');
  if (isValue && inside(node, pos)) return values(state, node, pos, around);
  // Between members, where a name may begin; only when asked, for a space is typed often.
  const object = ['{', ',', '⚠'].includes(node.name) ? node.parent : node;
  if (!context.explicit || object?.name !== 'Object' || !/[{,]\s*$/.test(state.sliceDoc(object.from, pos))) return null;
  return names(state, object, around, { from: pos, to: pos, present: '' });
}

/** What the member or the word at a position means. */
export function explain(state: EditorState, pos: number): { from: number; to: number; title: string; about: string } | undefined {
  const node = syntaxTree(state).resolveInner(pos, 0);
  const around = surroundings(state);
  const word = ((): Word | undefined => {
    if (node.name === 'PropertyName') return aboutAt(pathOf(state, node), around);
    if (node.name === 'String' && pathOf(state, node).join() === 'operation') {
      return operations().find(({ name }) => name === text(state, node));
    }
    return undefined;
  })();
  if (!word) return undefined;
  const notes = [word.required && 'required', word.legacy && 'legacy'].filter(Boolean).join(', ');
  return { from: node.from, to: node.to, title: notes ? `${word.name} (${notes})` : word.name, about: word.about };
}

/** Members that the object may have and has not. */
function names(
  state: EditorState,
  object: SyntaxNode,
  around: Surroundings,
  at: { from: number; to: number; present: string },
): CompletionResult | null {
  const path = pathOf(state, object);
  const present = new Set(membersOf(state, object).map(([name]) => name));
  present.delete(at.present);
  const known = membersAt(path, around) ?? ownNames(state, path, around);
  const options = known
    .filter(({ name }) => !present.has(name))
    .map(({ name, about, kind, required, legacy }): Completion => {
      const hasValue = /^\s*:/.test(state.sliceDoc(at.to, at.to + 40));
      return {
        label: JSON.stringify(name),
        displayLabel: name,
        type: 'property',
        ...(about && { info: about }),
        detail: legacy ? 'legacy' : required ? 'required' : '',
        boost: legacy ? -2 : required ? 2 : 0,
        apply: (view, _completion, from, to) => {
          const [before, after] = hasValue ? ['', ''] : skeleton(kind);
          const insert = JSON.stringify(name) + before + after;
          view.dispatch({
            changes: { from, to, insert },
            selection: { anchor: from + insert.length - after.length },
            userEvent: 'input.complete',
          });
        },
      };
    });
  return options.length > 0 ? { from: at.from, to: at.to, options } : null;
}

/** Words that a string may be, or what an expression may go on with. */
function values(state: EditorState, node: SyntaxNode, pos: number, around: Surroundings): CompletionResult | null {
  const path = pathOf(state, node);
  if (path.length === 1 && path[0] === 'operation') {
    const options = operations().map(({ name, about }) => choice(name, about));
    return { from: node.from, to: node.to, options };
  }
  const kind = kindAt(path, around);
  if (typeof kind === 'object' && 'words' in kind) {
    return { from: node.from, to: node.to, options: kind.words.map((word) => choice(word)) };
  }
  if (kind !== 'expression') return null;
  const before = /[#:]?[A-Za-z0-9_]*$/.exec(state.sliceDoc(node.from + 1, pos))?.[0] ?? '';
  if (before === '' && state.sliceDoc(pos - 1, pos) !== ' ') return null;
  const payload = path.slice(0, -1);
  const option = (label: string, type: string): Completion => ({ label, type });
  return {
    from: pos - before.length,
    options: [
      ...placeholders(state, payload, 'ExpressionAttributeNames').map((name) => option(name, 'variable')),
      ...placeholders(state, payload, 'ExpressionAttributeValues').map((name) => option(name, 'variable')),
      ...attributeNames(state)
        .filter((name) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
        .map((name) => option(name, 'property')),
      ...FUNCTIONS.map((name) => ({ ...option(name, 'function'), apply: `${name}(` })),
      ...KEYWORDS.map((name) => option(name, 'keyword')),
    ],
    validFor: /^[#:]?[A-Za-z0-9_]*$/,
  };
}

function choice(word: string, about?: string): Completion {
  return { label: JSON.stringify(word), displayLabel: word, type: 'enum', ...(about !== undefined && { info: about }) };
}

/** Names that only the request knows: of its attributes, or of placeholders that its expressions use. */
function ownNames(state: EditorState, path: readonly string[], around: Surroundings): Word[] {
  const last = path.at(-1);
  if (last === 'ExpressionAttributeNames' || last === 'ExpressionAttributeValues') {
    const sign = last === 'ExpressionAttributeNames' ? '#' : ':';
    const kind: Kind = last === 'ExpressionAttributeNames' ? 'text' : 'value';
    return used(state, path.slice(0, -1), sign).map((name) => ({ name, about: 'An expression uses it.', kind }));
  }
  if (kindAt(path, around) !== 'attributes') return [];
  return attributeNames(state).map((name) => ({ name, about: '', kind: 'value' }));
}

/** The placeholders in the expressions beside a member of the payload. */
function used(state: EditorState, payload: readonly string[], sign: string): string[] {
  const object = objectAt(state, payload);
  if (!object) return [];
  const found = membersOf(state, object).flatMap(([name, value]) =>
    EXPRESSIONS.includes(name) && value?.name === 'String'
      ? (text(state, value).match(sign === '#' ? /#[A-Za-z0-9_]+/g : /:[A-Za-z0-9_]+/g) ?? [])
      : [],
  );
  return [...new Set<string>(found)];
}

/** The placeholders that are defined. */
function placeholders(state: EditorState, payload: readonly string[], where: string): string[] {
  const object = objectAt(state, [...payload, where]);
  return object ? membersOf(state, object).map(([name]) => name) : [];
}

/** The names of attributes that stand anywhere in the request. */
function attributeNames(state: EditorState): string[] {
  const found = new Set<string>();
  for (const where of ['Item', 'Key', 'ExclusiveStartKey', 'Expected', 'AttributeUpdates']) {
    const object = objectAt(state, ['payload', where]);
    if (object) membersOf(state, object).forEach(([name]) => found.add(name));
  }
  return [...found];
}

function surroundings(state: EditorState): Surroundings {
  const root = objectAt(state, []);
  const members = root ? membersOf(state, root) : [];
  const operation = members.find(([name]) => name === 'operation')?.[1];
  return {
    ...(operation?.name === 'String' && { operation: text(state, operation) }),
    hasTableName: members.some(([name]) => name === 'tableName'),
  };
}

/** The object at a path of member names. */
function objectAt(state: EditorState, path: readonly string[]): SyntaxNode | undefined {
  let node = syntaxTree(state).topNode.getChild('Object') ?? undefined;
  for (const step of path) {
    const value: SyntaxNode | undefined = node && membersOf(state, node).find(([name]) => name === step)?.[1];
    node = value?.name === 'Object' ? value : undefined;
  }
  return node;
}

function membersOf(state: EditorState, object: SyntaxNode): [string, SyntaxNode | undefined][] {
  return object.getChildren('Property').flatMap((property): [string, SyntaxNode | undefined][] => {
    const key = property.getChild('PropertyName');
    const value = property.lastChild ?? undefined;
    return key ? [[text(state, key), value?.name === 'PropertyName' ? undefined : value]] : [];
  });
}

/** The names and places that lead to a node; to a member, if the node is its name. */
function pathOf(state: EditorState, node: SyntaxNode): string[] {
  const path: string[] = [];
  let child: SyntaxNode = node;
  for (let parent = node.parent; parent; child = parent, parent = parent.parent) {
    if (parent.name === 'Property') {
      const key = parent.getChild('PropertyName');
      if (key) path.unshift(text(state, key));
    } else if (parent.name === 'Array') {
      let index = 0;
      for (let before = child.prevSibling; before; before = before.prevSibling) {
        if (!['[', ',', '⚠'].includes(before.name)) index += 1;
      }
      path.unshift(String(index));
    }
  }
  return path;
}

/** The text of a string token; one that is still being typed as far as it goes. */
function text(state: EditorState, node: SyntaxNode): string {
  const written = state.sliceDoc(node.from, node.to);
  try {
    const value: unknown = JSON.parse(written);
    return typeof value === 'string' ? value : '';
  } catch {
    return written.replace(/^"|"$/g, '');
  }
}

/** Between the quotes. */
function inside(node: SyntaxNode, pos: number): boolean {
  return pos > node.from && pos <= node.to;
}

/** What is typed after a name, before and behind the cursor. */
function skeleton(kind: Kind | undefined): [string, string] {
  if (kind === 'attributes' || (typeof kind === 'object' && ('shape' in kind || 'map' in kind))) return [': {', '}'];
  if (typeof kind === 'object' && 'list' in kind) return [': [', ']'];
  if (kind === 'text' || kind === 'name' || kind === 'expression' || (typeof kind === 'object' && 'words' in kind)) {
    return [': "', '"'];
  }
  return [': ', ''];
}
