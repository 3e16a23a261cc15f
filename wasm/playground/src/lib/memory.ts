// memory.ts: turns what the page was showing into what it shows after a reload. Secrets are not its business: connection.ts.

const PAGE = 'gateleg.playground';

/** How the request is shown. */
export type View = 'form' | 'json' | 'dynamodb';

export interface Page {
  example: string;
  text: string;
  /** Whether the request is shown as a form. */
  asForm: boolean;
  /** The client that code was last written for. */
  target: string;
}

export function recall(): Page | undefined {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PAGE) ?? 'null');
    if (typeof kept !== 'object' || kept === null) return undefined;
    const { example, text, asForm, target } = kept as Partial<Record<keyof Page, unknown>>;
    if (typeof example !== 'string' || typeof text !== 'string') return undefined;
    return {
      example,
      text,
      asForm: typeof asForm === 'boolean' ? asForm : firstView(),
      target: typeof target === 'string' ? target : 'curl',
    };
  } catch {
    // Storage may be switched off; the page works without it.
    return undefined;
  }
}

export function remember(page: Page): void {
  try {
    localStorage.setItem(PAGE, JSON.stringify(page));
  } catch {
    // Full or switched off: forgetting is better than failing.
  }
}

/** Where there is little room and no keyboard, the form comes first. */
export function firstView(): boolean {
  return matchMedia('(max-width: 719px)').matches;
}
