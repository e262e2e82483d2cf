/* SPDX-License-Identifier: MIT */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { FIRST_CAPACITY = 256 };

void tg_buf_init(struct tg_buf *buf, size_t limit)
{
    *buf = (struct tg_buf){.limit = limit};
}

void tg_buf_fini(struct tg_buf *buf)
{
    free(buf->at);
    tg_buf_init(buf, buf->limit);
}

void tg_buf_clear(struct tg_buf *buf)
{
    buf->length = 0;
    buf->err = TG_OK;
}

int tg_buf_reserve(struct tg_buf *buf, size_t extra)
{
    if (buf->err) {
        return buf->err;
    }
    if (extra <= buf->capacity - buf->length) {
        return TG_OK;
    }
    if (extra > buf->limit - buf->length) {
        buf->err = TG_ERR_TOO_LARGE;
        return buf->err;
    }
    size_t wanted = buf->capacity ? buf->capacity : FIRST_CAPACITY;
    while (wanted - buf->length < extra) {
        wanted *= 2;
    }
    if (wanted > buf->limit) {
        wanted = buf->limit;
    }
    char *grown = realloc(buf->at, wanted);
    if (!grown) {
        buf->err = TG_ERR_NOMEM;
        return buf->err;
    }
    buf->at = grown;
    buf->capacity = wanted;
    return TG_OK;
}

void tg_buf_add(struct tg_buf *buf, const void *octets, size_t length)
{
    if (length == 0 || tg_buf_reserve(buf, length) != TG_OK) {
        return;
    }
    memcpy(buf->at + buf->length, octets, length);
    buf->length += length;
}

void tg_buf_add_str(struct tg_buf *buf, struct tg_str text)
{
    tg_buf_add(buf, text.at, text.length);
}

void tg_buf_add_char(struct tg_buf *buf, char octet)
{
    if (tg_buf_reserve(buf, 1) == TG_OK) {
        buf->at[buf->length++] = octet;
    }
}

void tg_buf_add_format(struct tg_buf *buf, const char *format, ...)
{
    va_list args;
    va_list again;

    va_start(args, format);
    va_copy(again, args);
    int length = vsnprintf(NULL, 0, format, args);
    /* vsnprintf wants room for its terminator, which is not part of the content. */
    if (length > 0 && tg_buf_reserve(buf, (size_t)length + 1) == TG_OK) {
        (void)vsnprintf(buf->at + buf->length, (size_t)length + 1, format, again);
        buf->length += (size_t)length;
    }
    va_end(again);
    va_end(args);
}
