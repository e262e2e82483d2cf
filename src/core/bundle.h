/* SPDX-License-Identifier: MIT */
/* A gateway folder as it was read once: names and contents, and the hash that names the
 * generation. Everything that loads a gateway reads this, never the disk.
 * Lives in: every process. Owns: its files. */
#ifndef TG_CORE_BUNDLE_H
#define TG_CORE_BUNDLE_H

#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

enum {
    TG_BUNDLE_FILES_MAX = 1024,
    TG_BUNDLE_FILE_BYTES_MAX = 4 << 20,
    TG_BUNDLE_BYTES_MAX = 16 << 20,
    TG_BUNDLE_PATH_MAX = 255
};

struct tg_bundle_file {
    char *path; /* below the folder, '/' between parts: "gateway.lua", "lib/rooms.lua" */
    char *content;
    size_t length;
};

struct tg_bundle {
    char *name;                   /* the folder's: [a-z0-9_-]{1,63} */
    char *origin;                 /* the folder's path as given, for messages */
    char generation[13];          /* 12 hex digits */
    uint64_t counter;             /* of the gateway's deploys; 0: not deployed */
    struct tg_bundle_file *files; /* sorted by path */
    uint32_t count;
};

/* Frees what it holds. Accepts zeroes. */
void tg_bundle_fini(struct tg_bundle *bundle);

/* Copies path and content in; the caller adds in sorted order (by octets, as strcmp), each path
 * once. TG_ERR_TOO_LARGE, TG_ERR_FULL, TG_ERR_NOMEM, TG_ERR_INVALID (no path, or out of order);
 * nothing changed then. */
int tg_bundle_add(struct tg_bundle *bundle, struct tg_str path, struct tg_str content);

/* NULL when there is no such file. */
const struct tg_bundle_file *tg_bundle_find(const struct tg_bundle *bundle, struct tg_str path);

#endif
