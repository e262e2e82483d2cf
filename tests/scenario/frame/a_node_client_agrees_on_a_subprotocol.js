// SPDX-License-Identifier: MIT
/* about: A node client offers subprotocols and checks by itself that the server's choice is one
   of them; compression is offered and declined by silence. */
/* stage: {} */
"use strict";
const { connect, equal, play, refused } = require("stage.js");

play(async () => {
  for (const [subprotocols, wanted] of [
    [["raw.v1"], "raw.v1"], [["other", "raw.v2"], "raw.v2"], [[], ""]]) {
    const alice = await connect("alice", "/raw", { subprotocols, perMessageDeflate: true });
    equal(alice.socket.protocol, wanted, `agreed from ${subprotocols}`);
    equal(alice.socket.extensions, "", "extensions");
    alice.socket.send("hello");
    equal((await alice.next("text")).data, "hello", "echo");
    alice.socket.close();
    await alice.next("close");
  }
  equal((await refused("/raw", { subprotocols: ["other"] })).status, 400, "none is spoken");
  const bob = await connect("bob", "/whoami/x", { subprotocols: ["tidegate.v1"] });
  equal(bob.socket.protocol, "tidegate.v1", "the events' own");
});
