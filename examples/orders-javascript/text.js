// Bytes become text and back: QuickJS has no TextDecoder and no TextEncoder.

// Throws for what is not UTF-8.
export function decode(bytes) {
  const parts = [];
  for (let at = 0; at < bytes.length; at += 8192) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  }
  return decodeURIComponent(escape(parts.join("")));
}

export function encode(text) {
  return Uint8Array.from(unescape(encodeURIComponent(text)), (byte) => byte.charCodeAt(0));
}

// How deep arrays and objects lie in one another. JSON.parse would go on until the stack is exhausted, which nothing can catch.
export function depth(json) {
  let [now, most, inString] = [0, 0, false];
  for (let at = 0; at < json.length; at += 1) {
    const char = json[at];
    if (inString) {
      if (char === "\\") at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === "[" || char === "{") most = Math.max(most, (now += 1));
    else if (char === "]" || char === "}") now -= 1;
  }
  return most;
}
