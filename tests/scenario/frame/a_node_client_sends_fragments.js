// SPDX-License-Identifier: MIT
/* about: A node client streams a message in fragments with pings between them; it comes back
   whole, the pongs before it. */
/* stage: {"message_bytes": "1MiB"} */
"use strict";
const { connect, count, equal, play } = require("stage.js");

play(async () => {
  const alice = await connect("alice", "/raw");
  const rounds = count(20, 500);
  for (let round = 0; round < rounds; round++) {
    const piece = "ä€😀" + "x".repeat(round * 100);
    for (let i = 0; i < 10; i++) {
      alice.socket.send(piece, { fin: i === 9, binary: false });
      if (i === 4) {
        alice.socket.ping("middle");
      }
    }
    equal((await alice.next("pong")).data, "middle", "the pong");
    equal((await alice.next("text")).data === piece.repeat(10), true, "the message");
  }
  const octets = Buffer.alloc(200000, 7);
  alice.socket.send(octets, { fin: false });
  alice.socket.send(octets, { fin: true });
  const got = await alice.next("binary", 5);
  equal(got.data.equals(Buffer.concat([octets, octets])), true, "binary in fragments");
});
