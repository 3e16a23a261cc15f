// share.ts: turns the request into a link that carries it, and such a link back into the request.
//
// `#v1=` and then base64url of the raw-deflated JSON `{"text", "form", "answer", "client"}`, of which all but the text may be missing;
// `#example=ID` names an example of the page. The rest of the address is the page's own. INVARIANT: no endpoint and no secret is ever part of a link: it holds what `Shared` holds.

/** What a link carries, and nothing else. */
export interface Shared {
  text: string;
  /** Whether the request is shown as a form. */
  form?: boolean;
  /** The answer that is looked at, by the name of its tab. */
  answer?: string;
  /** The client that code is written for. */
  client?: string;
}

/** Browsers and chat programs cut longer addresses. */
export const MAX_LINK = 32_000;
/** A link may unpack to more than it is long, but not without end. */
const MAX_TEXT = 2_000_000;

const VERSION = 'v1';

export async function shareLink(page: string, { text, form, answer, client }: Shared): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify({ text, form, answer, client } satisfies Shared));
  const packed = await through(bytes, new CompressionStream('deflate-raw'));
  return `${page.split('#')[0]}#${VERSION}=${toBase64Url(packed)}`;
}

export function exampleLink(page: string, id: string): string {
  return `${page.split('#')[0]}#example=${encodeURIComponent(id)}`;
}

/** What the part behind `#` carries: a request, the name of an example, nothing, or something that cannot be read. */
export async function readLink(hash: string): Promise<Shared | { example: string } | { fault: string } | undefined> {
  const [, kind, value] = /^#?(\w+)=(.*)$/s.exec(hash) ?? [];
  if (kind === undefined || value === undefined) return undefined;
  if (kind === 'example') {
    try {
      return { example: decodeURIComponent(value) };
    } catch {
      return { fault: 'The link names an example that cannot be read.' };
    }
  }
  if (!/^v\d+$/.test(kind)) return undefined;
  if (kind !== VERSION) return { fault: 'The link was made by a newer version of this page.' };
  try {
    const bytes = await through(fromBase64Url(value), new DecompressionStream('deflate-raw'), MAX_TEXT);
    const shared: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    const { text, form, answer, client } = (typeof shared === 'object' && shared !== null ? shared : {}) as Partial<Record<keyof Shared, unknown>>;
    if (typeof text === 'string') {
      return {
        text,
        ...(typeof form === 'boolean' && { form }),
        ...(typeof answer === 'string' && { answer }),
        ...(typeof client === 'string' && { client }),
      };
    }
  } catch {
    // Cut off or mistyped: told below.
  }
  return { fault: 'The link is damaged: part of it may have been cut off.' };
}

async function through(bytes: Uint8Array<ArrayBuffer>, stream: CompressionStream | DecompressionStream, most = Infinity) {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) {
      await reader.cancel();
      throw new Error('too long');
    }
    chunks.push(value);
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}

function toBase64Url(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}
