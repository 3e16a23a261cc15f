// connection.ts: turns what a person sets into where requests are sent and what proves the right to.
// INVARIANT: nothing of a connection is ever part of a link, a collection or an export. A secret belongs to one origin: it is
// forgotten when the address moves to another, and unless the person asks, with the tab.

/** Where requests go, and the one header that goes with them. */
export interface Connection {
  /** The API's address; empty for the server that served this page. */
  url: string;
  proof: 'none' | 'bearer' | 'header';
  /** The name of the custom header. */
  header: string;
  secret: string;
  /** Whether the secret outlives the tab. */
  keep: boolean;
}

export const NOWHERE: Connection = { url: '', proof: 'none', header: 'x-api-key', secret: '', keep: false };

/** The API of the server that served this page; relative, so that a stage prefix is kept. */
const OWN = new URL('dynamodbmanager', document.baseURI);

export function addressOf({ url }: Connection): URL {
  return url === '' ? OWN : new URL(url);
}

/** What is wrong with an address, in plain words; undefined if requests can be sent there. */
export function addressFault(url: string): string | undefined {
  if (url === '') return undefined;
  let parsed: URL;
  try {
    parsed = new URL(url);
  } catch {
    return 'Expected a whole address, for example https://abc123.execute-api.eu-west-1.amazonaws.com/prod/dynamodbmanager';
  }
  if (parsed.username !== '' || parsed.password !== '') return 'An address must not hold a name or password: it would be seen by many.';
  if (parsed.protocol === 'https:' || parsed.origin === location.origin) return undefined;
  if (parsed.protocol === 'http:' && isLoopback(parsed.hostname)) return undefined;
  return 'Expected https, or http to this machine (localhost or 127.0.0.1): this page sends nothing over an open line.';
}

/** A header can carry visible ASCII only. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}

// What browsers keep to themselves (https://fetch.spec.whatwg.org/#forbidden-request-header), and what the page sets itself.
const FORBIDDEN =
  /^(?:accept-charset|accept-encoding|access-control-.*|connection|content-length|content-type|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|set-cookie|te|trailer|transfer-encoding|upgrade|via|proxy-.*|sec-.*)$/i;

/** What is wrong with a header's name; undefined if a page may send it. */
export function headerFault(name: string): string | undefined {
  if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(name)) return 'Expected the name of a header, for example x-api-key';
  return FORBIDDEN.test(name) ? `A page may not set the header ${name} itself` : undefined;
}

/** The headers that prove the right to send. */
export function headersOf({ proof, header, secret }: Connection): [string, string][] {
  if (proof === 'none' || secret === '') return [];
  return [proof === 'bearer' ? ['authorization', `Bearer ${secret}`] : [header, secret]];
}

/** The same connection at another address: without the secret, where that is another origin's. */
export function moved(connection: Connection, url: string): Connection {
  if (addressFault(url) !== undefined) return { ...connection, url, secret: '' };
  const there = { ...connection, url };
  return addressOf(there).origin === addressOf(connection).origin ? there : { ...there, secret: '' };
}

const PLACE = 'gateleg.connection';
const SECRET = 'gateleg.secret';

export function recallConnection(): Connection {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(PLACE) ?? 'null');
    const { url, proof, header } = (typeof kept === 'object' && kept !== null ? kept : {}) as Partial<Connection>;
    const stays = localStorage.getItem(SECRET);
    const connection: Connection = {
      url: typeof url === 'string' ? url : '',
      proof: proof === 'bearer' || proof === 'header' ? proof : 'none',
      header: typeof header === 'string' && headerFault(header) === undefined ? header : NOWHERE.header,
      secret: stays ?? sessionStorage.getItem(SECRET) ?? '',
      keep: stays !== null,
    };
    return addressFault(connection.url) === undefined ? connection : NOWHERE;
  } catch {
    // Storage may be switched off; the page works without it.
    return NOWHERE;
  }
}

export function rememberConnection({ url, proof, header, secret, keep }: Connection): void {
  try {
    localStorage.setItem(PLACE, JSON.stringify({ url, proof, header }));
    for (const [storage, stays] of [
      [localStorage, keep],
      [sessionStorage, !keep],
    ] as const) {
      if (stays && secret !== '' && proof !== 'none') storage.setItem(SECRET, secret);
      else storage.removeItem(SECRET);
    }
  } catch {
    // Full or switched off: forgetting is better than failing.
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || /^127(?:\.\d+){3}$/.test(host);
}
