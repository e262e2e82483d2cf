// SPDX-License-Identifier: MIT
/* about: A second client library, Node's ws, sees the gateway's close codes and reasons, and
   gets its own close codes back. */
/* stage: {} */
"use strict";
const { connect, equal, metric, play } = require("stage.js");

play(async () => {
  for (const [code, reason] of [[1000, ""], [1000, "bye"], [3000, "x"], [4999, "ä€"]]) {
    const alice = await connect("alice", "/life?name=alice");
    alice.send("leave_me", { code, reason });
    await alice.hears("late", "still queued before the close");
    await alice.isClosed(code, reason);
  }
  for (const code of [1000, 1001, 3000, 4000]) {
    const bob = await connect("bob", "/north");
    bob.socket.close(code, "my reason");
    const got = await bob.next("close");
    equal(got.code, code, "the echo");
  }
  const carol = await connect("carol", "/north");
  carol.socket.close();
  await carol.isClosed(1005, "");
  equal(await metric('ws_closed_total{reason="client_closed"}'), 5, "closed by clients");
});
