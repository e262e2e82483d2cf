/* SPDX-License-Identifier: MIT */
/* How a client without a token comes in at a gateway with auth = "first_message", since browsers
 * can't set headers: the 101 goes out, and until {"event":"auth","data":{"token":"..."}} has come
 * and is good there is no tenant, no room, no on_connect and no handler.
 * Lives in: a worker. */
#ifndef TG_HUB_FIRST_MESSAGE_H
#define TG_HUB_FIRST_MESSAGE_H

#include "base/str.h"
#include "core/frame.h"

struct tg_client;

/* The first message of a client that is AUTHENTICATING: admits it, or closes it with
 * TG_CLOSE_UNAUTHORIZED (no auth event, or a bad token, whatever is wrong with it) or the reason
 * that a handshake would have been refused for. Answered when it bears an id. */
void tg_first_message_receive(struct tg_client *client, enum tg_opcode opcode,
                              struct tg_str message);

#endif
