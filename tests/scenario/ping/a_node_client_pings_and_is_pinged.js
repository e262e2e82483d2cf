// SPDX-License-Identifier: MIT
/* about: A node client sees a ping per interval, answers by itself and stays; its own pings are
   answered with their payload. */
/* stage: {"ping_interval": "150ms", "idle_timeout": "600ms"} */
"use strict";
const { check, connect, equal, metric, play } = require("stage.js");

play(async () => {
  const alice = await connect("alice", "/north");
  const begun = Date.now();
  for (let i = 0; i < 8; i++) {
    await alice.next("ping");
  }
  const took = Date.now() - begun;
  check(took > 900 && took < 1900, `eight pings in ${took} ms`);
  for (const payload of ["", "x", "y".repeat(125)]) {
    alice.socket.ping(payload);
    let got = await alice.next("pong").catch(() => alice.next("pong"));
    equal(got.data, payload, "the pong's payload");
  }
  equal(await metric("ws_connections"), 1, "alice is still there");
});
