// SPDX-License-Identifier: MIT
/* about: Messages of every length class up to a megabyte, text and binary, come back to a node
   client unchanged, many in flight at once. */
/* stage: {"message_bytes": "1MiB", "outbound_bytes": "64MiB"} */
"use strict";
const { connect, count, equal, play } = require("stage.js");

play(async () => {
  const alice = await connect("alice", "/raw");
  const lengths = [0, 1, 125, 126, 65535, 65536, 100000, 1048576];
  const rounds = count(2, 30);
  for (let round = 0; round < rounds; round++) {
    for (const length of lengths) {
      alice.socket.send("x".repeat(length));
      alice.socket.send(Buffer.alloc(length, round));
    }
    for (const length of lengths) {
      equal((await alice.next("text", 10)).data.length, length, "text");
      const got = await alice.next("binary", 10);
      equal(got.data.equals(Buffer.alloc(length, round)), true, `binary of ${length}`);
    }
  }
  alice.socket.send(Buffer.alloc(1048577));
  await alice.isClosed(1009, "message too big", 5);
});
