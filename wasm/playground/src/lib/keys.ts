// keys.ts: turns a key such as `Mod-Enter` into the signs that are on this computer's keyboard.

const MAC = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.userAgent);
const MAC_SIGNS = new Map([['Mod', '⌘'], ['Ctrl', '⌃'], ['Alt', '⌥'], ['Shift', '⇧']]);

/** `Mod` is Ctrl, and the command key on a Mac; `Ctrl` is Ctrl everywhere. */
export function signs(keys: string, mac = MAC): string {
  const parts = keys.split('-');
  return mac ? parts.map((part) => MAC_SIGNS.get(part) ?? part).join(' ') : parts.map((part) => (part === 'Mod' ? 'Ctrl' : part)).join('+');
}

/** What `Mod` means of a key that was pressed. */
export function isMod(event: KeyboardEvent): boolean {
  return (MAC ? event.metaKey && !event.ctrlKey : event.ctrlKey && !event.metaKey) && !event.altKey && !event.shiftKey;
}
