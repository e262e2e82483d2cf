#!/usr/bin/env node
// SPDX-License-Identifier: MIT
// Listens in a room of the chat and prints what is said there, until interrupted or until so many
// messages have come. Needs the package ws: npm install ws, or Debian's node-ws with
// NODE_PATH=/usr/share/nodejs.
//
//   node examples/node/listen.js [URL [ROOM [COUNT]]]
"use strict";

const WebSocket = require("ws");

const [url = "ws://127.0.0.1:8080/chat", room = "lobby", count = "0"] = process.argv.slice(2);
const socket = new WebSocket(url, ["tidegate.v1"]);
let heard = 0;

socket.on("open", () => {
  socket.send(JSON.stringify({ event: "room::join", data: { room }, id: 1 }));
});

socket.on("message", (text) => {
  const message = JSON.parse(text);
  if (message.id === 1 && message.error) {
    console.error(`not let into ${room}: ${message.error.message}`);
    process.exitCode = 1;
    socket.close();
  } else if (message.id === 1) {
    console.log(`listening in ${room}`);
  } else if (message.event === "message::receive" && message.data.room === room) {
    console.log(`${message.data.from}: ${message.data.text}`);
    heard += 1;
    if (heard === Number(count)) {
      socket.close();
    }
  }
});

socket.on("close", (code) => {
  if (code !== 1005) {
    console.error(`the server closed with ${code}`);
    process.exitCode = 1;
  }
});

socket.on("error", (problem) => {
  console.error(`${url}: ${problem.message}`);
  process.exitCode = 1;
});
