// SPDX-License-Identifier: MIT
/* about: A node client sends many requests without waiting; each is answered once, in order,
   and malformed messages between them change nothing. */
/* stage: {} */
"use strict";
const { connect, count, equal, metric, play } = require("stage.js");

play(async () => {
  const alice = await connect("alice", "/answers");
  const rounds = count(400, 10000);
  for (let start = 0; start < rounds; start += 100) {
    for (let number = start; number < start + 100; number++) {
      alice.send("value", { number, text: "ä€😀" }, `r${number}`);
      alice.socket.send("{malformed");
      alice.send("no.such", 1);
    }
    for (let number = start; number < start + 100; number++) {
      equal(JSON.parse((await alice.next("text")).data),
        { id: `r${number}`, data: { number, text: "ä€😀" } }, "the answer");
    }
  }
  equal((await alice.request("value", null, 5)).data, null, "nothing more came");
  equal(await metric('ws_messages_ignored_total{reason="malformed"}'), rounds, "malformed");
  equal(await metric('ws_messages_ignored_total{reason="unknown_event"}'), rounds, "unknown");
});
