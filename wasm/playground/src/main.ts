// main.ts: turns index.html into the running page.

import { mount } from 'svelte';
import App from './App.svelte';
import './app.css';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
target.textContent = '';
mount(App, { target });

// Where there are no service workers (a private window, plain http from elsewhere) the page works all the same, with a network.
if (import.meta.env.PROD) navigator.serviceWorker?.register('sw.js').catch(() => undefined);
