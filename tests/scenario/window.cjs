// SPDX-License-Identifier: MIT
// A window for one page: runs the page's script with as much of a DOM as it touches, submits one
// text once it is connected, and prints the status line and the messages it shows after that.
//   node window.cjs PAGE URL ORIGIN TEXT
"use strict";

const fs = require("fs");
const vm = require("vm");
const WebSocket = require("ws");

const [page, url, origin, text] = process.argv.slice(2);
const script = fs.readFileSync(page, "utf8").match(/<script>\n([^]*)<\/script>/)[1];
const elements = new Map();
const sockets = [];

function element() {
  const handlers = new Map();
  return {
    children: [], textContent: "", value: "",
    append(child) { this.children.push(child); },
    get firstChild() { return this.children[0]; },
    addEventListener(name, handler) { handlers.set(name, handler); },
    fire(name) { handlers.get(name)({ preventDefault() {} }); },
  };
}

class PageSocket extends WebSocket {
  constructor(address, protocols) {
    super(address, protocols, { origin });
    this.on("error", () => {}); // a browser tells a page no more than the close, which follows
    sockets.push(this);
  }
}

function finish() {
  console.log(elements.get("status").textContent);
  elements.get("messages").children.forEach((item) => console.log(item.textContent));
  process.exit(0);
}

function byId(id) {
  if (!elements.has(id)) {
    elements.set(id, element());
  }
  return elements.get(id);
}

vm.runInNewContext(script, {
  document: { getElementById: byId, createElement: element },
  location: { search: `?url=${encodeURIComponent(url)}` },
  URLSearchParams, WebSocket: PageSocket, setTimeout() {}, console, JSON, Math, Map,
});
sockets[0].addEventListener("open", () => {
  byId("text").value = text;
  byId("form").fire("submit");
});
// The answer comes after the message: with it, all is shown. A refusal shows itself by the close.
sockets[0].addEventListener("message", ({ data }) => {
  if ("id" in JSON.parse(data)) {
    finish();
  }
});
sockets[0].addEventListener("close", finish);
