// A request becomes commands, one after the other, and their outcomes become its reply.
//
// Table `orders` has the key (customer, order), table `customers` the key (customer).

import { encode } from "./text.js";

export class Task {
  // Which outcome is awaited. Each request has an instance of this component to itself, so this is all the state there is.
  state = "over";

  start(request) {
    const { customer, order } = request;
    switch (request.action) {
      case "placeOrder":
        return this.place(request);
      case "getOrder":
        this.state = "getting";
        return send(0, { GetItem: { TableName: "orders", Key: { customer: { S: customer }, order: { S: order } } } });
      case "listOrders":
        this.state = "listing";
        return send(0, { Query: query(request) });
    }
  }

  // Both writes or neither: an order that is not counted, or counted twice, would be worse than none.
  place({ customer, order, lines }) {
    const cents = lines.reduce((sum, line) => sum + line.quantity * line.cents, 0);
    const put = {
      TableName: "orders",
      Item: { customer: { S: customer }, order: { S: order }, lines: { L: lines.map(item) }, cents: { N: String(cents) } },
      ConditionExpression: "attribute_not_exists(customer)",
    };
    const count = {
      TableName: "customers",
      Key: { customer: { S: customer } },
      UpdateExpression: "ADD orders :one",
      ExpressionAttributeValues: { ":one": { N: "1" } },
    };
    this.state = "placing";
    this.placed = { customer, order, cents };
    return send(0, { TransactWriteItems: { TransactItems: [{ Put: put }, { Update: count }] } });
  }

  // The outcome of the command that was asked for: `{ ok: {..} }` or `{ error: {..} }`.
  resume(ticket, { ok, error }) {
    const state = this.state;
    if (state === "over" || ticket !== (state === "counting" ? 1 : 0)) {
      throw `no outcome is awaited under ticket ${ticket}`;
    }
    this.state = "over";
    switch (state) {
      case "placing": {
        if (error) return done(notPlaced(error));
        this.state = "counting";
        const key = { customer: { S: this.placed.customer } };
        return send(1, { GetItem: { TableName: "customers", Key: key, ConsistentRead: true } });
      }
      case "counting":
        // The order is placed. That it could not be counted is no reason to say anything else.
        return done(placedAs(this.placed, number(ok?.Item?.orders)));
      case "getting":
        return done(error ? notRead(error) : got(ok.Item));
      case "listing":
        return done(error ? notRead(error) : listed(ok));
    }
  }

  // Time is up: what is known by now.
  expire() {
    const state = this.state;
    this.state = "over";
    if (state === "placing") return perhapsPlaced();
    if (state === "counting") return placedAs(this.placed, null);
    return refuse(504, "TooSlow", "the shop's tables did not answer in time");
  }
}

function query({ customer, limit, after }) {
  const query = {
    TableName: "orders",
    KeyConditionExpression: "customer = :customer",
    // ORDER is a reserved word.
    ProjectionExpression: "#order, cents",
    ExpressionAttributeNames: { "#order": "order" },
    ExpressionAttributeValues: { ":customer": { S: customer } },
    Limit: limit,
  };
  if (after !== null) query.ExclusiveStartKey = { customer: { S: customer }, order: { S: after } };
  return query;
}

function item({ product, quantity, cents }) {
  return { M: { product: { S: product }, quantity: { N: String(quantity) }, cents: { N: String(cents) } } };
}

function placedAs(placed, ordersOfCustomer) {
  return reply(201, { ...placed, ordersOfCustomer });
}

function notPlaced(error) {
  const codes = (error.CancellationReasons ?? []).map((reason) => reason.Code);
  if (codes.includes("ConditionalCheckFailed")) {
    return refuse(409, "OrderExists", "this customer has an order of that name already");
  }
  if (codes.includes("TransactionConflict")) {
    return refuse(503, "TryAgain", "another order of this customer is being placed");
  }
  return error.mayHaveHappened ? perhapsPlaced() : notRead(error);
}

function perhapsPlaced() {
  return refuse(504, "PerhapsPlaced", "the order may have been placed or not; getOrder tells");
}

const BUSY = [
  "ThrottlingException",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "ServiceUnavailableException",
];

function notRead(error) {
  if (BUSY.includes(error.__type)) return refuse(503, "TryAgain", "the shop is busy");
  // A caller can do nothing about it; the operator finds the store's words in gateleg's log.
  return refuse(500, "ShopClosed", "the shop's tables cannot be used");
}

function got(item) {
  if (!item) return refuse(404, "NoSuchOrder", "this customer has no order of that name");
  const lines = item.lines?.L?.map(({ M: line }) => ({
    product: line?.product?.S ?? null,
    quantity: number(line?.quantity),
    cents: number(line?.cents),
  }));
  const order = { customer: item.customer.S, order: item.order.S, lines, cents: number(item.cents) };
  const isWhole = lines && order.cents !== null && !lines.some((line) => Object.values(line).includes(null));
  return isWhole ? reply(200, order) : unreadable();
}

function listed(page) {
  const orders = page.Items.map((item) => ({ order: item.order.S, cents: number(item.cents) }));
  if (orders.some(({ cents }) => cents === null)) return unreadable();
  // Sent back as "after", it goes on from there.
  const next = page.LastEvaluatedKey?.order?.S;
  return reply(200, next === undefined ? { orders } : { orders, next });
}

// For an item that something else wrote.
function unreadable() {
  return refuse(500, "NotOurOrder", "the table holds an item that this shop did not write");
}

// DynamoDB writes numbers as text: `{"N": "12"}`.
function number(value) {
  return /^[0-9]{1,15}$/.test(value?.N) ? Number(value.N) : null;
}

// Asks for one command. A command is DynamoDB's own JSON, under the name of the call.
function send(ticket, command) {
  return { tag: "send", val: [{ ticket, attempt: 0, command: JSON.stringify(command) }] };
}

function done(reply) {
  return { tag: "done", val: reply };
}

// A reply that is no error.
function reply(status, body) {
  return { status, headers: [["content-type", "application/json"]], error: null, body: encode(JSON.stringify(body)) };
}

// A reply that is an error, in this API's own words.
export function refuse(status, error, message) {
  const refusal = reply(status, { error, message });
  refusal.error = [error, message];
  if (status === 503) refusal.headers.push(["retry-after", "1"]);
  return refusal;
}
