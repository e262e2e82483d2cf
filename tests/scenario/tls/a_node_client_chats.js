// SPDX-License-Identifier: MIT
/* about: Two node clients chat over TLS, with the certificate checked; one that doesn't know the
   certificate refuses the server. */
/* stage: {"gateways": "shipped", "tls": "own"} */
"use strict";
const tls = require("tls");
const { check, connect, equal, play, within } = require("stage.js");

play(async () => {
  check(process.env.URL.startsWith("wss://"), "the URL");
  const [alice, bob] = await Promise.all(["alice", "bob"].map((name) => connect(name, "/chat")));
  alice.send("message::send", { text: "hello" });
  for (const one of [alice, bob]) {
    equal(JSON.parse((await one.next("text")).data).data.text, "hello", one.name);
  }
  const stranger = await connect("stranger", "/chat", { ca: tls.rootCertificates[0] })
    .catch((failure) => failure);
  equal(stranger.code, "DEPTH_ZERO_SELF_SIGNED_CERT", "who doesn't know the certificate");
  bob.socket.close(4000, "bye");
  await within(5, bob.isClosed(4000, ""), "bob's end");
  alice.send("message::send", { text: "alone" });
  equal(JSON.parse((await alice.next("text")).data).data.text, "alone", "alice");
});
