// SPDX-License-Identifier: MIT
/* about: A node client sees each refusal with its status and fields: full house, no gateway, no
   token, foreign origin. */
/* stage: {"max_connections": 1} */
"use strict";
const { check, connect, equal, metric, play, refused } = require("stage.js");

play(async () => {
  equal((await refused("/nowhere")).status, 404, "no gateway");
  equal((await refused("/members")).status, 401, "no token");
  equal((await refused("/north", { origin: "https://evil.example" })).status, 403, "origin");
  equal((await refused("/members", { headers: { authorization: "Bearer x.y.z" } })).status, 401,
    "bad token");
  const alice = await connect("alice", "/north");
  const full = await refused("/north");
  equal(full.status, 503, "full house");
  const wait = Number(full.headers["retry-after"]);
  check(wait >= 5 && wait <= 30, `Retry-After is ${full.headers["retry-after"]}`);
  equal(await metric("ws_upgrades_refused_total"), 1, "refused by the cap");
  alice.socket.close();
  await alice.next("close");
});
