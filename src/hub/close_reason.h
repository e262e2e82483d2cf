/* SPDX-License-Identifier: MIT */
/* Why a connection ended: one table (close_reason.def) gives enum, close code, label and text.
 * Lives in: a worker. RFC 6455 section 7.4. */
#ifndef TG_HUB_CLOSE_REASON_H
#define TG_HUB_CLOSE_REASON_H

#include <stdbool.h>

enum tg_close_reason {
#define TG_CLOSE_REASON(name, label, code, is_error, text) TG_CLOSE_##name,
#include "hub/close_reason.def"
#undef TG_CLOSE_REASON
    TG_CLOSE_REASON_COUNT
};

struct tg_close_reason_row {
    const char *label;
    int code;
    bool is_error;
    const char *text;
};

/* Static. */
const struct tg_close_reason_row *tg_close_reason_row(enum tg_close_reason reason);

/* Whether an endpoint may put the code into a close frame (RFC 6455 section 7.4.2 and the IANA
 * registry): 1000 to 1003, 1007 to 1014, 3000 to 4999. */
bool tg_close_code_is_sendable(int code);

#endif
