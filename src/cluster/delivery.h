/* SPDX-License-Identifier: MIT */
/* What a peer's mail asks this worker to do: deliver to its clients, answer, or take an answer.
 * Lives in: a worker. */
#ifndef TG_CLUSTER_DELIVERY_H
#define TG_CLUSTER_DELIVERY_H

#include "core/mail.h"

struct tg_peer; /* cluster/cluster_state.h */

/* A mailbox's on_mail: 0, TG_ERR_FULL (enough for this turn), TG_ERR_NOMEM (later), TG_ERR_SYNTAX
 * (no worker of ours wrote this). */
int tg_delivery_take(struct tg_peer *peer, const struct tg_mail_view *mail);

#endif
