/* SPDX-License-Identifier: MIT */
/* Errors: a negative number says which, a tg_errmsg says what happened in words.
 * Lives in: every process. */
#ifndef TG_BASE_ERR_H
#define TG_BASE_ERR_H

enum tg_err_index {
    TG_ERR_INDEX_NONE,
#define TG_ERR(name, text) TG_ERR_INDEX_##name,
#include "base/err.def"
#undef TG_ERR
};

enum tg_err {
    TG_OK = 0,
#define TG_ERR(name, text) TG_ERR_##name = -(int)TG_ERR_INDEX_##name,
#include "base/err.def"
#undef TG_ERR
};

enum { TG_ERRMSG_BYTES = 512 };

/* What went wrong at start or load, for a human. Wrapped outward: each caller may put its own
 * context in front. Owned by the caller; zero-initialised is empty. */
struct tg_errmsg {
    char text[TG_ERRMSG_BYTES];
};

/* The text of an error, static. "ok" for 0, "unknown error" for what is not in err.def. */
const char *tg_err_text(int err);

/* Writes the message, cut at its size, and returns err so that one line sets and returns. */
__attribute__((format(printf, 3, 4))) int tg_errmsg_set(struct tg_errmsg *msg, int err,
                                                        const char *format, ...);

/* Puts "context: " in front of the message, cut at its size. Returns err. */
__attribute__((format(printf, 3, 4))) int tg_errmsg_wrap(struct tg_errmsg *msg, int err,
                                                         const char *format, ...);

#endif
