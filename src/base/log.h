/* SPDX-License-Identifier: MIT */
/* One line per event on standard error:
 *   2026-11-23T16:12:05.123Z info worker-1 net conn=7 reason=idle "connection closed"
 * The message is fixed text, lower case, without a period; what varies stands in the keys.
 * Values are escaped, so that nothing a client sent can break or forge a line. Tokens and
 * payloads are never logged.
 * Lives in: every process. The sink is the one global of the program. */
#ifndef TG_BASE_LOG_H
#define TG_BASE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

enum tg_log_level { TG_LOG_LEVEL_ERROR, TG_LOG_LEVEL_WARN, TG_LOG_LEVEL_INFO, TG_LOG_LEVEL_DEBUG };

/* Where finished lines go, the newline not included; NULL goes back to standard error.
 * For tests and the kit, which must not lose or print them. */
typedef void (*tg_log_sink_fn)(void *self, enum tg_log_level level, struct tg_str line);
void tg_log_set_sink(tg_log_sink_fn sink, void *self);

void tg_log_set_level(enum tg_log_level level);
bool tg_log_is_on(enum tg_log_level level);

/* The name of this process in each line, copied, cut at 31 octets: supervisor, worker-1, admin. */
void tg_log_set_process(const char *name);

/* "error", "warn", "info" or "debug"; TG_ERR_INVALID for anything else. */
int tg_log_level_parse(struct tg_str text, enum tg_log_level *level);

/* Use the macros. format gives the keys: "conn=%llu reason=%s". A %s value that holds blanks,
 * quotes, '=' or control octets must come through tg_log_quote. */
__attribute__((format(printf, 4, 5))) void tg_log_write(enum tg_log_level level, const char *module,
                                                        const char *message, const char *format,
                                                        ...);

/* Text as a log value in out, always terminated: as it is when plain, else in double quotes with
 * \", \\ and \xHH escapes, cut with "..." when out is too small. Returns out. */
const char *tg_log_quote(char *out, size_t size, struct tg_str text);

/* A warning that may repeat: told at most once a second, with suppressed=N for what was held
 * back. Returns true when it is to be told now and puts the held-back count in *suppressed.
 * Zero-initialise. now_ms is monotonic. */
struct tg_log_limit {
    uint64_t told_at_ms;
    uint64_t suppressed;
    bool has_told;
};
bool tg_log_limit_pass(struct tg_log_limit *limit, uint64_t now_ms, uint64_t *suppressed);

/* Each file that logs has: static const char LOG_MODULE[] = "net"; */
#define TG_LOG_AT(level, message, ...)                             \
    do {                                                           \
        if (tg_log_is_on(level)) {                                 \
            tg_log_write(level, LOG_MODULE, message, __VA_ARGS__); \
        }                                                          \
    } while (0)
#define TG_LOG_ERROR(message, ...) TG_LOG_AT(TG_LOG_LEVEL_ERROR, message, __VA_ARGS__)
#define TG_LOG_WARN(message, ...) TG_LOG_AT(TG_LOG_LEVEL_WARN, message, __VA_ARGS__)
#define TG_LOG_INFO(message, ...) TG_LOG_AT(TG_LOG_LEVEL_INFO, message, __VA_ARGS__)
#define TG_LOG_DEBUG(message, ...) TG_LOG_AT(TG_LOG_LEVEL_DEBUG, message, __VA_ARGS__)

#endif
