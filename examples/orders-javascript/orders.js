// An orders API as a handler for gateleg: requests become commands for DynamoDB, and their outcomes become replies.
//
// This file is the contract's side of it: planner.wit's session, which holds a task. What a request may say is in request.js,
// what is done about it in task.js.

import { parse } from "./request.js";
import { Task, refuse } from "./task.js";

class Session {
  // Returns the session and the first step.
  static open(request, context) {
    const session = new Session();
    const { parsed, fault } = parse(request);
    if (fault) return [session, { tag: "done", val: refuse(400, "BadRequest", fault) }];
    session.task = new Task();
    return [session, session.task.start(parsed)];
  }

  // What is thrown here is the error of `result<step, string>`.
  resume(ticket, outcome, remainingMs) {
    if (!this.task) throw "no outcome is awaited";
    return this.task.resume(ticket, JSON.parse(outcome));
  }

  expire() {
    return this.task.expire();
  }
}

// The interface `planner` of the world, and its resource `session`.
export const planner = { Session };
