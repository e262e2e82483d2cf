/* SPDX-License-Identifier: MIT */
#include "hub/refusal.h"

static const struct tg_refusal_row rows[] = {
#define TG_REFUSAL(name, label, status, body) {label, status, body},
#include "hub/refusal.def"
#undef TG_REFUSAL
};

const struct tg_refusal_row *tg_refusal_row(enum tg_refusal refusal)
{
    return &rows[refusal];
}
