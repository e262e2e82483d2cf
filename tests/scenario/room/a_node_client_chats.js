// SPDX-License-Identifier: MIT
/* about: Three node clients in the shipped chat: what is said in a room is heard by its members
   only, and bad data is answered. */
/* stage: {"gateways": "shipped"} */
"use strict";
const { check, connect, equal, play } = require("stage.js");

play(async () => {
  const [alice, bob, carol] = await Promise.all(
    ["alice", "bob", "carol"].map((name) => connect(name, "/chat")));
  for (const one of [alice, bob]) {
    check("data" in await one.request("room::join", { room: "tea" }), "joined");
  }
  alice.send("message::send", { room: "tea", text: "hello" });
  for (const one of [alice, bob]) {
    const got = JSON.parse((await one.next("text")).data);
    equal([got.event, got.data.room, got.data.text], ["message::receive", "tea", "hello"], "heard");
    check(typeof got.data.from === "string" && got.data.from !== "", "from somebody");
  }
  alice.send("message::send", { text: "to the lobby" });
  for (const one of [alice, bob, carol]) {
    equal(JSON.parse((await one.next("text")).data).data.room, "lobby", "the lobby hears it");
  }
  equal((await carol.request("message::send", { room: "tea", text: "x" })).error.code, "forbidden",
    "carol is not in the room");
  for (const bad of [null, 1, "x", {}, { text: 5 }, { room: 5, text: "x" }]) {
    equal((await carol.request("message::send", bad)).error.code, "bad_request",
      `sending ${JSON.stringify(bad)}`);
  }
  check("data" in await bob.request("room::leave", { room: "tea" }), "left");
  alice.send("message::send", { room: "tea", text: "still here?" });
  await alice.next("text");
  equal("error" in await bob.request("no.such"), true, "bob hears nothing more");
});
