// SPDX-License-Identifier: MIT
// The stage of a play in JavaScript: actors on Node's `ws`, with names and deadlines. play.py
// starts the server and runs the play, whose exit code is the verdict.
"use strict";
const { isDeepStrictEqual } = require("util");
const WebSocket = require("ws");

const patience = Number(process.env.PATIENCE || "1");

function check(isTrue, sentence) {
  if (!isTrue) {
    throw new Error(sentence);
  }
}

function equal(got, wanted, what) {
  check(isDeepStrictEqual(got, wanted),
    `${what}: got ${JSON.stringify(got)}, not ${JSON.stringify(wanted)}`);
}

function within(seconds, promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} did not happen within ${seconds} s`)),
      seconds * patience * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// What happens to a socket, in order: { kind: "text" | "binary" | "ping" | "pong" | "close" }.
class Actor {
  constructor(name, socket) {
    this.name = name;
    this.socket = socket;
    this.past = [];
    this.waiting = null;
    const tell = (happening) => {
      if (this.waiting) {
        const resolve = this.waiting;
        this.waiting = null;
        resolve(happening);
      } else {
        this.past.push(happening);
      }
    };
    socket.on("message", (data, isBinary) =>
      tell({ kind: isBinary ? "binary" : "text", data: isBinary ? data : data.toString() }));
    socket.on("ping", (data) => tell({ kind: "ping", data: data.toString() }));
    socket.on("pong", (data) => tell({ kind: "pong", data: data.toString() }));
    socket.on("close", (code, reason) => tell({ kind: "close", code, reason: reason.toString() }));
  }

  next(kind, seconds = 3) {
    const happening = this.past.length > 0
      ? Promise.resolve(this.past.shift())
      : new Promise((resolve) => { this.waiting = resolve; });
    return within(seconds, happening, `${this.name}: ${kind}`).then((got) => {
      if (got.kind !== kind) {
        throw new Error(`${this.name} got ${JSON.stringify(got).slice(0, 300)}, not a ${kind}`);
      }
      return got;
    });
  }

  send(event, data, id) {
    this.socket.send(JSON.stringify({ event, data, id }));
  }

  async hears(event, data, seconds) {
    const got = JSON.parse((await this.next("text", seconds)).data);
    equal(got, { event, data }, `${this.name} hears`);
  }

  async request(event, data, id = 1) {
    this.send(event, data, id);
    const got = JSON.parse((await this.next("text")).data);
    equal(got.id, id, `${this.name}: the answer's id`);
    return got;
  }

  async isClosed(code, reason, seconds) {
    const got = await this.next("close", seconds);
    equal([got.code, got.reason], [code, reason], `${this.name} is closed`);
  }
}

function connect(name, path, options = {}) {
  const socket = new WebSocket(process.env.URL + path, options.subprotocols || [], options);
  const actor = new Actor(name, socket);
  return within(5, new Promise((resolve, reject) => {
    socket.on("open", () => resolve(actor));
    socket.on("error", reject);
  }), `${name}'s handshake`);
}

// The status of a refused handshake.
function refused(path, options = {}) {
  const socket = new WebSocket(process.env.URL + path, options.subprotocols || [], options);
  return within(5, new Promise((resolve, reject) => {
    socket.on("open", () => reject(new Error(`${path} let a client in`)));
    socket.on("unexpected-response", (_, answer) => {
      resolve({ status: answer.statusCode, headers: answer.headers });
      socket.terminate();
    });
    socket.on("error", () => {});
  }), "a refusal");
}

async function metric(series) {
  const answer = await fetch(process.env.ADMIN + "/metrics");
  const line = (await answer.text()).split("\n").find((one) => one.startsWith(series + " "));
  check(line !== undefined, `no series ${series}`);
  return Number(line.slice(series.length + 1));
}

function count(test, full) {
  return process.env.COUNTS === "full" ? full : test;
}

// Runs the play; sockets that are still open are cut.
function play(run) {
  run().then(() => process.exit(0), (failure) => {
    console.error(failure);
    process.exit(1);
  });
}

module.exports = { WebSocket, check, connect, count, equal, metric, play, refused, within };
