// offline.js: turns a loaded page into one that works without a network: the service worker, with VERSION and FILES put in front
// by the build. The page itself comes from the network where there is one, so that a new version, or another program on the same
// port, is never hidden behind an old copy. Requests to the API are none of its business.
/* global VERSION, FILES */

const PREFIX = 'gateleg ';
const CACHE = PREFIX + registration.scope + ' ' + VERSION;

addEventListener('install', (event) => {
  // Straight from the server, not from what the browser kept of an older build.
  const files = FILES.map((file) => new Request(file, { cache: 'no-cache' }));
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(files)).then(() => skipWaiting()));
});

addEventListener('activate', (event) => {
  const isOld = (name) => name.startsWith(PREFIX + registration.scope + ' ') && name !== CACHE;
  event.waitUntil(
    caches.keys().then((names) => Promise.all(names.filter(isOld).map((name) => caches.delete(name)))).then(() => clients.claim()),
  );
});

addEventListener('fetch', (event) => {
  const { request } = event;
  const url = new URL(request.url);
  const home = new URL(registration.scope);
  if (request.method !== 'GET' || url.origin !== home.origin || !url.pathname.startsWith(home.pathname)) return;
  const file = url.pathname.slice(home.pathname.length) || 'index.html';
  if (!FILES.includes(file)) return;
  const kept = () => caches.open(CACHE).then((cache) => cache.match(new URL(file, home)));
  if (file === 'index.html') {
    event.respondWith(fetch(request).catch(async (error) => (await kept()) ?? Promise.reject(error)));
  } else {
    // A hash of its content is in its name.
    event.respondWith(kept().then((found) => found ?? fetch(request)));
  }
});
