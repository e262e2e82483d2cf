/* SPDX-License-Identifier: MIT */
#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const char *tg_err_text(int err)
{
    switch (err) {
    case TG_OK:
        return "ok";
#define TG_ERR(name, text) \
    case TG_ERR_##name:    \
        return text;
#include "base/err.def"
#undef TG_ERR
    default:
        return "unknown error";
    }
}

int tg_errmsg_set(struct tg_errmsg *msg, int err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    (void)vsnprintf(msg->text, sizeof(msg->text), format, args);
    va_end(args);
    return err;
}

int tg_errmsg_wrap(struct tg_errmsg *msg, int err, const char *format, ...)
{
    struct tg_errmsg inner = *msg;
    va_list args;

    va_start(args, format);
    int length = vsnprintf(msg->text, sizeof(msg->text), format, args);
    va_end(args);
    if (length >= 0 && (size_t)length + 2 < sizeof(msg->text)) {
        char *at = msg->text + length;
        size_t room = sizeof(msg->text) - (size_t)length - 3;
        size_t kept = strlen(inner.text) < room ? strlen(inner.text) : room;
        memcpy(at, ": ", 2);
        memcpy(at + 2, inner.text, kept);
        at[2 + kept] = '\0';
    }
    return err;
}
