// SPDX-License-Identifier: MIT
/* about: Forty node clients each hear each of alice's announcements once and in order. */
/* stage: {} */
"use strict";
const { connect, count, equal, play } = require("stage.js");

play(async () => {
  const crowd = [];
  for (let i = 0; i < 40; i++) {
    crowd.push(await connect(`listener ${i}`, "/north"));
  }
  const alice = await connect("alice", "/north");
  const rounds = count(25, 500);
  for (let start = 0; start < rounds; start += 25) {
    for (let number = start; number < start + 25; number++) {
      alice.send("shout", { text: number, but_me: true });
    }
    for (const one of crowd) {
      for (let number = start; number < start + 25; number++) {
        await one.hears("shouted", number);
      }
    }
  }
  for (const one of crowd) {
    equal((await one.request("count", "nowhere")).data, 0, "nothing more came");
  }
});
