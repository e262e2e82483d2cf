// SPDX-License-Identifier: MIT
// The peer of the comparison: an idiomatic server on Node's `ws`, with the work that a Tidegate
// gateway does: decode the envelope, look up a handler, encode a new envelope. A broadcast is
// encoded once, as the documentation of `ws` recommends. At the path /raw text goes back as it
// came. Compression is off on both sides.
//
// node server.js PORT: listens on 127.0.0.1, port 0 for the kernel's choice, and prints the port.
"use strict";

const { WebSocketServer } = require("ws");

const subscribers = new Set();

const handlers = new Map([
  ["echo", (socket, data) => send(socket, "echo", data)],
  ["join", (socket) => {
    subscribers.add(socket);
    send(socket, "joined", true);
  }],
  ["publish", (socket, data) => {
    const frame = JSON.stringify({ event: "publish", data });
    for (const subscriber of subscribers) subscriber.send(frame);
  }],
]);

function send(socket, event, data) {
  socket.send(JSON.stringify({ event, data }));
}

function onMessage(socket, octets, isBinary) {
  if (isBinary) return;
  let message;
  try {
    message = JSON.parse(octets.toString());
  } catch {
    return;
  }
  const handler = handlers.get(message?.event);
  if (handler) handler(socket, message.data);
}

const server = new WebSocketServer({
  host: "127.0.0.1",
  port: Number(process.argv[2]),
  perMessageDeflate: false,
  backlog: 4096,
});

server.on("connection", (socket, request) => {
  if (request.url === "/raw") {
    socket.on("message", (octets, isBinary) => socket.send(octets, { binary: isBinary }));
  } else {
    socket.on("message", (octets, isBinary) => onMessage(socket, octets, isBinary));
  }
  socket.on("close", () => subscribers.delete(socket));
  socket.on("error", () => socket.terminate());
});

server.on("listening", () => console.log(`listening on ${server.address().port}`));
