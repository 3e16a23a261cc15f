// vite.config.ts: turns src/ into dist/, a folder of files that any server can serve under any prefix.

import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';

/** The wasm package that `cargo xtask` builds; another folder for work on the page without one. */
const wasm = process.env.GATELEG_WASM ?? fileURLToPath(new URL('src/wasm', import.meta.url));

/** A host to send to under `npm run dev` and `npm run preview`. */
const host = process.env.GATELEG_URL ?? 'http://127.0.0.1:8080';

// CodeMirror sets style attributes; scripts and style sheets come from our own files only. host/src/page.rs sends the same.
const POLICY = [
  "default-src 'none'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
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

// The host checks Host and Origin; through the proxy both are its own.
const proxy = { '/dynamodbmanager': { target: host, changeOrigin: true, headers: { origin: host } } };

export default defineConfig({
  base: './',
  plugins: [svelte({ configFile: false }), contentSecurityPolicy],
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
