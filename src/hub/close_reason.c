/* SPDX-License-Identifier: MIT */
#include "hub/close_reason.h"

static const struct tg_close_reason_row rows[] = {
#define TG_CLOSE_REASON(name, label, code, is_error, text) {label, code, is_error, text},
#include "hub/close_reason.def"
#undef TG_CLOSE_REASON
};

const struct tg_close_reason_row *tg_close_reason_row(enum tg_close_reason reason)
{
    return &rows[reason];
}

bool tg_close_code_is_sendable(int code)
{
    return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
           (code >= 3000 && code <= 4999);
}
