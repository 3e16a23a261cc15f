// A request's bytes become `{ parsed }`, or `{ fault }`: one sentence about what is wrong with them.

import { decode, depth } from "./text.js";

const MOST_DEEP = 127;

export function parse(bytes) {
  let value;
  try {
    const text = decode(bytes);
    if (depth(text) > MOST_DEEP) throw new SyntaxError("too deep");
    value = JSON.parse(text);
  } catch {
    return { fault: `expected JSON, nested at most ${MOST_DEEP} deep` };
  }
  try {
    return { parsed: request(value) };
  } catch (error) {
    if (error instanceof Fault) return { fault: error.message };
    throw error;
  }
}

class Fault extends Error {}

function request(value) {
  if (value === null || typeof value !== "object" || Array.isArray(value)) throw new Fault("expected a JSON object");
  const { action } = value;
  switch (action) {
    case "placeOrder":
      return { action, customer: id(value, "customer"), order: id(value, "order"), lines: lines(value.lines) };
    case "getOrder":
      return { action, customer: id(value, "customer"), order: id(value, "order") };
    case "listOrders":
      return {
        action,
        customer: id(value, "customer"),
        limit: (value.limit ?? null) === null ? 20 : whole(value, "limit", 1, 100),
        after: (value.after ?? null) === null ? null : id(value, "after"),
      };
    default:
      throw new Fault('expected "action" to be placeOrder, getOrder or listOrders');
  }
}

// Customers and orders have names that need no quoting anywhere.
function id(value, name) {
  const text = value[name];
  if (typeof text === "string" && /^[A-Za-z0-9_-]{1,64}$/.test(text)) return text;
  throw new Fault(`expected "${name}" to be 1 to 64 letters, digits, - or _`);
}

function lines(value) {
  if (Array.isArray(value) && value.length >= 1 && value.length <= 25) return value.map(line);
  throw new Fault('expected "lines" to be an array of 1 to 25 lines');
}

function line(value) {
  const product = value?.product;
  const fits = typeof product === "string" && product.isWellFormed() && [...product].length;
  if (!fits || fits > 100) throw new Fault('expected "product" to be 1 to 100 characters');
  return { product, quantity: whole(value, "quantity", 1, 1000), cents: whole(value, "cents", 0, 10_000_000) };
}

// A whole number within bounds. They are far below 2^53, so that JavaScript's numbers lose nothing, and neither do sums; money in
// fractions would need better than that.
function whole(value, name, least, most) {
  const number = value[name];
  if (Number.isInteger(number) && number >= least && number <= most) return number;
  throw new Fault(`expected "${name}" to be a whole number from ${least} to ${most}`);
}
