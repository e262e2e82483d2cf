/* SPDX-License-Identifier: MIT */
/* A growing run of octets with a hard bound.
 * Lives in: every process. Owns: its memory.
 * A failed append leaves the buffer as it was, and later appends fail too until it is cleared:
 * a writer may append many times and ask once at the end. */
#ifndef TG_BASE_BUF_H
#define TG_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct tg_buf {
    char *at;
    size_t length;
    size_t capacity;
    size_t limit; /* octets at most */
    int err;      /* 0, TG_ERR_NOMEM or TG_ERR_TOO_LARGE since the last clear */
};

/* No memory is taken yet. */
void tg_buf_init(struct tg_buf *buf, size_t limit);

/* Frees the memory. Accepts zeroes. The buffer may be used again. */
void tg_buf_fini(struct tg_buf *buf);

/* Empties it and forgets an error; keeps the memory. */
void tg_buf_clear(struct tg_buf *buf);

/* Makes room for extra more octets: 0, TG_ERR_NOMEM or TG_ERR_TOO_LARGE. */
int tg_buf_reserve(struct tg_buf *buf, size_t extra);

void tg_buf_add(struct tg_buf *buf, const void *octets, size_t length);
void tg_buf_add_str(struct tg_buf *buf, struct tg_str text);
void tg_buf_add_char(struct tg_buf *buf, char octet);
__attribute__((format(printf, 2, 3))) void tg_buf_add_format(struct tg_buf *buf, const char *format,
                                                             ...);

/* The content, valid until the next call that changes the buffer. */
static inline struct tg_str tg_buf_str(const struct tg_buf *buf)
{
    return tg_str(buf->at, buf->length);
}

#endif
