// vite.config.ts: turns src/ into dist/, a folder of files that any server can serve under any prefix.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { minify } from 'terser';
import { defineConfig, type Plugin } from 'vite';
import { pack } from './pack.ts';
import { part } from './part.ts';

/** The wasm package that `cargo xtask` builds; another folder for work on the page without one. */
const wasm = process.env.GATELEG_WASM ?? fileURLToPath(new URL('src/wasm', import.meta.url));

/** A host to send to under `npm run dev` and `npm run preview`. */
const host = process.env.GATELEG_URL ?? 'http://127.0.0.1:8080';

// Scripts and style sheets come from our own files only, and CodeMirror sets style attributes; requests go to our own server, or where the user sets, over an encrypted
// line or to this machine. host/src/page.rs sends the same.
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self' https: http://localhost:* http://127.0.0.1:*",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');

// Only in a build: the development server injects scripts and styles of its own.
const contentSecurityPolicy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY }, injectTo: 'head-prepend' },
  ],
};

// The planner travels packed; `npm run dev` takes it as it is.
const packed: Plugin = {
  name: 'packed',
  load(id) {
    const [file = '', query] = id.split('?');
    if (query !== 'packed') return undefined;
    if (this.environment.mode === 'dev') return `export { default } from '${file}?url';`;
    const reference = this.emitFile({ type: 'asset', name: 'planner.lzma', source: pack(part(readFileSync(file))) });
    return `export default import.meta.ROLLUP_FILE_URL_${reference};`;
  },
};

// The bundler's own minifier leaves a little to do.
const smaller: Plugin = {
  name: 'smaller',
  apply: 'build',
  enforce: 'post',
  renderChunk: async (code) => (await minify(code, { module: true, ecma: 2020, compress: { passes: 2 } })).code ?? code,
};

// The page works offline once loaded: sw.js knows every file of this build, and keeps them.
const offline: Plugin = {
  name: 'offline',
  apply: 'build',
  enforce: 'post',
  generateBundle(_, bundle) {
    const files = Object.values(bundle).map((file) => file.fileName);
    const digest = createHash('sha256');
    for (const file of Object.values(bundle)) digest.update(file.type === 'chunk' ? file.code : file.source);
    const commented = readFileSync(fileURLToPath(new URL('src/offline.js', import.meta.url)), 'utf8');
    const worker = commented.replaceAll(/^ *(?:\/\/|\/\*).*\n/gm, '');
    const source = `const VERSION = '${digest.digest('hex').slice(0, 16)}';\nconst FILES = ${JSON.stringify(files)};\n${worker}`;
    this.emitFile({ type: 'asset', fileName: 'sw.js', source });
  },
};

// The host checks Host and Origin; through the proxy both are its own.
const proxy = { '/dynamodbmanager': { target: host, changeOrigin: true, headers: { origin: host } } };

// A component's own name for its styles packs better than a hash, and tells more.
const compilerOptions = { cssHash: ({ name }: { name: string }) => `s-${name}`, discloseVersion: false };

export default defineConfig({
  base: './',
  plugins: [svelte({ configFile: false, compilerOptions }), packed, contentSecurityPolicy, smaller, offline],
  resolve: { alias: { 'gateleg-wasm': wasm } },
  build: {
    target: 'es2023',
    // Inlined files would be data: addresses, which the policy above refuses.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy },
  preview: { proxy },
});
