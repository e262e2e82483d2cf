/* SPDX-License-Identifier: MIT */
/* From a message to its handler and from the handler's end to the answer.
 * Lives in: a worker. */
#ifndef TG_HUB_DISPATCH_H
#define TG_HUB_DISPATCH_H

#include "base/str.h"
#include "core/frame.h"
#include "hub/script.h"

struct tg_client;

/* Runs the handler for the message of an open client that has no call running. Afterwards the
 * client may be busy (the handler suspended) or closing. */
void tg_dispatch_message(struct tg_client *client, enum tg_opcode opcode, struct tg_str message);

/* The suspended call of an open client has ended: answers the request it was for, if any. */
void tg_dispatch_finish(struct tg_client *client, const struct tg_answer *answer);

#endif
