/* SPDX-License-Identifier: MIT */
/* Why a handshake was refused: one table (refusal.def) gives enum, status, label and body.
 * Lives in: a worker. */
#ifndef TG_HUB_REFUSAL_H
#define TG_HUB_REFUSAL_H

enum tg_refusal {
#define TG_REFUSAL(name, label, status, body) TG_REFUSAL_##name,
#include "hub/refusal.def"
#undef TG_REFUSAL
    TG_REFUSAL_COUNT,
    TG_REFUSAL_NONE = TG_REFUSAL_COUNT /* accepted */
};

struct tg_refusal_row {
    const char *label;
    int status;
    const char *body;
};

/* Static; for every value but TG_REFUSAL_NONE. */
const struct tg_refusal_row *tg_refusal_row(enum tg_refusal refusal);

#endif
