/* SPDX-License-Identifier: MIT */
/* The configuration: one table (config.def) says every key, its type, default, bounds, flag,
 * environment variable and help text; this file reads texts into it.
 * Sources in rising order: defaults, the file (as flat keys), environment, flags.
 * Lives in: every process; read-only after start. Owns: its strings. */
#ifndef TG_CORE_CONFIG_H
#define TG_CORE_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "core/config_auth_keys.h"
#include "core/config_list.h"

enum {
    TG_LISTEN_MAX = 8,
    TG_CONFIG_TEXT_MAX = 4096, /* octets of one value */
};

/* An address to listen on: an IPv4 or IPv6 literal and a port; port 0 lets the kernel choose. */
struct tg_address {
    char host[64];
    uint16_t port;
};

/* The files of a listener that speaks TLS, as they were written: a relative path is relative to the
 * working directory. Both NULL: it speaks plain TCP. Owns both. */
struct tg_config_tls {
    char *certificate; /* PEM: the chain, the server's own certificate first */
    char *key;         /* PEM, without a passphrase */
};

/* The types of config.def and how a value is written:
 *   UINT      123
 *   COUNT     123, "auto"                                     -> uint64_t, 0 when auto
 *   BOOL      true, false
 *   SIZE      octets: 65536, "64KiB", "1MiB", "1GiB"         -> uint64_t, octets
 *   DURATION  "250ms", "5s", "10m", "1h", or 0               -> uint64_t, milliseconds
 *   TEXT      any text                                        -> char *, NULL when not set
 *   LIST      texts separated by commas, or none; in the file a list  -> struct tg_config_list
 *   ADDRESS   "127.0.0.1:9090", "[::1]:9090", "off"           -> struct tg_address, "" when off
 *   AUTH_KEY  a part of a key of auth.keys: any text; rows stand for the first key
 *   LISTEN    a comma-separated list of addresses; in the file a list of { address, port, tls } */
struct tg_config {
    struct tg_address listen[TG_LISTEN_MAX];
    struct tg_config_tls listen_tls[TG_LISTEN_MAX]; /* beside listen */
    uint32_t listen_count;
    uint32_t listen_without_port; /* a bit per entry of a file whose port is still to come */
    struct tg_config_auth_keys auth_keys;
#define TG_CONFIG_UINT(field, ...) uint64_t field;
#define TG_CONFIG_COUNT(field, ...) uint64_t field;
#define TG_CONFIG_BOOL(field, ...) bool field;
#define TG_CONFIG_SIZE(field, ...) uint64_t field;
#define TG_CONFIG_DURATION(field, ...) uint64_t field##_ms;
#define TG_CONFIG_TEXT(field, ...) char *field;
#define TG_CONFIG_LIST(field, ...) struct tg_config_list field;
#define TG_CONFIG_ADDRESS(field, ...) struct tg_address field;
#define TG_CONFIG_AUTH_KEY(field, ...)
#define TG_CONFIG_LISTEN(field, ...)
#include "core/config.def"
#undef TG_CONFIG_UINT
#undef TG_CONFIG_COUNT
#undef TG_CONFIG_BOOL
#undef TG_CONFIG_SIZE
#undef TG_CONFIG_DURATION
#undef TG_CONFIG_TEXT
#undef TG_CONFIG_LIST
#undef TG_CONFIG_ADDRESS
#undef TG_CONFIG_AUTH_KEY
#undef TG_CONFIG_LISTEN
};

/* One row of config.def, for help texts, the generated docs and the readers. */
struct tg_config_key {
    const char *key;      /* as in the file: "limits.max_connections" */
    const char *flag;     /* "--max-connections"; NULL: no flag */
    const char *env;      /* "TIDEGATE_MAX_CONNECTIONS" */
    const char *standard; /* the default as text */
    const char *help;
    const char *form; /* what a value looks like: "a number from 1 to 65535" */
};

/* All rows, in the order of config.def. */
const struct tg_config_key *tg_config_keys(uint32_t *count);

/* Fills in the defaults. TG_ERR_NOMEM. */
int tg_config_init(struct tg_config *config);

/* Frees the strings, wiping secrets. Accepts zeroes. */
void tg_config_fini(struct tg_config *config);

/* Sets one key from its text. "listen" takes the place of all addresses; "listen[N]" (an address),
 * "listen[N].address", "listen[N].port", "listen[N].tls.certificate" and "listen[N].tls.key" change
 * one or add the next; "admin.address" and "admin.port" change that one; "KEY[N]" adds an item to a
 * LIST, the first one in place of all. TG_ERR_NOT_FOUND (unknown
 * key; the message names the nearest real one), TG_ERR_INVALID (the message says what was expected,
 * and never holds a secret), TG_ERR_NOMEM; nothing is changed then. */
int tg_config_set(struct tg_config *config, const char *key, struct tg_str value,
                  struct tg_errmsg *msg);

/* Reads every environment variable of the table, and refuses TIDEGATE_ variables it doesn't know
 * (TIDEGATE_ADMIN_TOKEN-like secrets that the file names through env are told apart: only names
 * nearer than 3 edits to a real one are refused). */
int tg_config_read_environment(struct tg_config *config, struct tg_errmsg *msg);

/* What no single key can know: min above max, and the like. */
int tg_config_validate(const struct tg_config *config, struct tg_errmsg *msg);

/* The row whose flag this is ("--max-connections"); NULL when there is none. */
const struct tg_config_key *tg_config_find_flag(struct tg_str flag);

/* The real key nearest to the unknown one by edits, NULL when none is near. */
const char *tg_config_nearest(struct tg_str key);

#endif
