// codemirror.ts: turns an element into the request editor: JSON, wrapped lines, undo, underlined problems, the page's colours.

import { autocompletion, completionKeymap } from '@codemirror/autocomplete';
import { standardKeymap, history, historyKeymap, isolateHistory } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, HighlightStyle, indentOnInput, indentUnit, syntaxHighlighting } from '@codemirror/language';
import { EditorState, Prec, StateEffect, StateField } from '@codemirror/state';
import { Decoration, EditorView, highlightSpecialChars, hoverTooltip, keymap, lineNumbers, type DecorationSet, type Tooltip } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { complete, explain } from './complete.ts';
import type { Edit } from './convert.ts';
import { offer } from './paste.ts';
import { placeOf, type Problem } from './plan.ts';

export interface Handlers {
  /** The text after every change, whoever made it. */
  changed(text: string): void;
  send(): void;
  /** A call or an event that was pasted over the whole text. */
  pasted(call: string): void;
}

export interface RequestEditor {
  /** Makes the text another, as one step that undo takes back. */
  replace(text: string): void;
  /** Changes places of the text, in order, as one such step. */
  change(edits: readonly Edit[]): void;
  mark(problems: readonly Problem[]): void;
  select(from: number, to: number): void;
  focus(): void;
  destroy(): void;
}

export function requestEditor(parent: HTMLElement, text: string, handlers: Handlers): RequestEditor {
  // In a shadow root CodeMirror adopts its style sheets; in the document it would write <style> elements, which our
  // Content-Security-Policy refuses. The page's colours are custom properties, and those pass through.
  const root = parent.attachShadow({ mode: 'open' });
  const view = new EditorView({
    parent: root,
    root,
    state: EditorState.create({ doc: text, extensions: extensions(handlers) }),
  });
  const step = (changes: readonly Edit[]) =>
    view.dispatch({ changes: [...changes], annotations: isolateHistory.of('full'), userEvent: 'input.replace' });
  return {
    replace(next) {
      const now = view.state.doc.toString();
      if (next === now) return;
      // Only what differs, so that the cursor stays where it can.
      let [start, end] = [0, now.length];
      const most = Math.min(now.length, next.length);
      while (start < most && now[start] === next[start]) start += 1;
      while (end > start && end + next.length - now.length > start && now[end - 1] === next[end + next.length - now.length - 1]) end -= 1;
      step([{ from: start, to: end, insert: next.slice(start, end + next.length - now.length) }]);
    },
    change: step,
    mark: (problems) => view.dispatch({ effects: marked.of(marks(view.state.doc.toString(), problems)) }),
    select(from, to) {
      view.dispatch({ selection: { anchor: from, head: to }, scrollIntoView: true });
      view.focus();
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}

function extensions({ changed, send, pasted }: Handlers) {
  const sendKey = { key: 'Mod-Enter', preventDefault: true, run: () => (send(), true) };
  return [
    // CodeMirror's own Mod-Enter inserts a line; ours goes first.
    Prec.highest(keymap.of([sendKey])),
    history(),
    lineNumbers(),
    highlightSpecialChars(),
    indentUnit.of('  '),
    indentOnInput(),
    bracketMatching(),
    json(),
    autocompletion({ override: [complete], icons: false }),
    MARKS,
    hoverTooltip(meaning),
    syntaxHighlighting(COLOURS),
    EditorView.lineWrapping,
    // Tab is left alone: it must lead a keyboard user out of the editor.
    keymap.of([...completionKeymap, ...standardKeymap, ...historyKeymap, { key: 'F8', run: nextMark }]),
    EditorView.contentAttributes.of({ 'aria-label': 'Request, JSON', spellcheck: 'false', autocapitalize: 'off' }),
    EditorView.domEventHandlers({
      paste(event, { state }) {
        const call = event.clipboardData?.getData('text/plain') ?? '';
        const { from, to } = state.selection.main;
        if (to - from < state.doc.toString().trim().length || !offer(call)) return false;
        event.preventDefault();
        pasted(call);
        return true;
      },
    }),
    EditorView.updateListener.of((update) => {
      if (update.docChanged) changed(update.state.doc.toString());
    }),
    THEME,
  ];
}

/** What the word under the pointer means, or what is wrong with it, as text and nothing else. */
function meaning(view: EditorView, pos: number): Tooltip | null {
  let [from, end] = [pos, pos];
  const parts: HTMLElement[] = [];
  view.state.field(MARKS).between(pos, pos, (start, stop, mark) => {
    const { problem } = mark.spec as { problem: Problem };
    [from, end] = [Math.min(from, start), Math.max(end, stop)];
    parts.push(words(`cm-diagnostic cm-diagnostic-${problem.severity}`, problem.message, problem.hint));
  });
  const known = explain(view.state, pos);
  if (known) {
    if (parts.length === 0) [from, end] = [known.from, known.to];
    parts.push(words('cm-meaning', known.title, known.about));
  }
  if (parts.length === 0) return null;
  const create = () => {
    const dom = document.createElement('div');
    dom.append(...parts);
    return { dom };
  };
  return { pos: from, end, above: true, create };
}

function words(className: string, title: string, about = ''): HTMLElement {
  const dom = document.createElement('div');
  dom.className = className;
  const first = document.createElement('strong');
  first.textContent = title;
  const second = document.createElement('p');
  second.textContent = about;
  dom.append(first, second);
  return dom;
}

/** New underlines for the problems. */
const marked = StateEffect.define<DecorationSet>();

/** The places that problems are at; they move with the text until the next ones come. */
const MARKS = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update: (marks, { changes, effects }) => effects.findLast((effect) => effect.is(marked))?.value ?? marks.map(changes),
  provide: (field) => EditorView.decorations.from(field),
});

function marks(text: string, problems: readonly Problem[]): DecorationSet {
  const found = problems.flatMap((problem) => {
    const range = placeOf(text, problem);
    if (!range || range.start === range.end) return [];
    return [Decoration.mark({ class: `cm-lintRange-${problem.severity}`, problem }).range(range.start, range.end)];
  });
  return Decoration.set(found, true);
}

/** Goes to the next place that a problem is at, and from the last to the first. */
function nextMark({ state, dispatch }: EditorView): boolean {
  const places: { from: number; to: number }[] = [];
  state.field(MARKS).between(0, state.doc.length, (from, to) => void places.push({ from, to }));
  const next = places.find(({ from }) => from > state.selection.main.from) ?? places[0];
  if (next) dispatch(state.update({ selection: { anchor: next.from, head: next.to }, scrollIntoView: true }));
  return next !== undefined;
}

// Greys and the accent only: green, amber and red are kept for status.
const COLOURS = HighlightStyle.define([
  { tag: tags.propertyName, color: 'var(--text)' },
  { tag: tags.string, color: 'var(--accent)' },
  { tag: tags.number, color: 'var(--number)' },
  { tag: [tags.bool, tags.null], color: 'var(--number)' },
  { tag: [tags.separator, tags.squareBracket, tags.brace, tags.punctuation], color: 'var(--quiet)' },
]);

const underline = (colour: string) => ({
  backgroundImage: 'none',
  textDecoration: `underline wavy ${colour}`,
  textDecorationSkipInk: 'none',
  textUnderlineOffset: '3px',
});

const THEME = EditorView.theme({
  '&': { backgroundColor: 'transparent', color: 'var(--text)', fontSize: 'inherit', flex: '1 1 auto', minHeight: '0' },
  '&, & *': { boxSizing: 'border-box' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '20px' },
  '.cm-content': { padding: '12px 0', caretColor: 'var(--accent)' },
  '.cm-line': { padding: '0 16px 0 8px' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--faint)', border: 'none' },
  '.cm-lineNumbers .cm-gutterElement': { minWidth: '32px', padding: '0 8px 0 0' },
  '&.cm-focused .cm-matchingBracket': { backgroundColor: 'var(--pressed)', outline: 'none' },
  '&.cm-focused .cm-nonmatchingBracket': { backgroundColor: 'transparent', color: 'var(--red)' },
  '.cm-lintRange-error': underline('var(--red)'),
  '.cm-lintRange-warning': underline('var(--amber)'),
  '.cm-tooltip': {
    backgroundColor: 'var(--page)',
    color: 'var(--text)',
    border: '1px solid var(--line)',
    borderRadius: '4px',
    maxWidth: 'min(420px, calc(100vw - 32px))',
    fontFamily: 'var(--sans)',
  },
  '.cm-meaning, .cm-diagnostic': { padding: '8px 12px' },
  '.cm-meaning p, .cm-diagnostic p': { margin: '4px 0 0', color: 'var(--quiet)' },
  '.cm-diagnostic strong': { fontWeight: '400' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', maxHeight: '240px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { padding: '4px 12px', lineHeight: '20px' },
  '.cm-tooltip-autocomplete ul li[aria-selected]': { backgroundColor: 'var(--pressed)', color: 'var(--text)' },
  '.cm-completionDetail': { color: 'var(--quiet)', fontStyle: 'normal', marginLeft: '12px' },
  '.cm-completionMatchedText': { textDecoration: 'none', color: 'var(--accent)' },
  '.cm-tooltip.cm-completionInfo': { padding: '8px 12px', maxWidth: '320px' },
  '.cm-diagnostic-error': { borderLeft: '2px solid var(--red)' },
  '.cm-diagnostic-warning': { borderLeft: '2px solid var(--amber)' },
});
