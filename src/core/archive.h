/* SPDX-License-Identifier: MIT */
/* A bundle as octets, so that every process is given the very files that one of them has read.
 * One bundle has one archive, and what is read gives the same octets when it is written again.
 * All numbers are little-endian:
 *   "tidegate", version (4 octets), generation (12 octets)
 *   name, origin: each a length (2) and octets
 *   number of files (2), then per file: length of path (2), of content (4), path, content
 * Lives in: every process. Pure. */
#ifndef TG_CORE_ARCHIVE_H
#define TG_CORE_ARCHIVE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"
#include "core/bundle.h"

enum {
    TG_ARCHIVE_ORIGIN_MAX = 4096,
    /* What the largest bundle takes, its heads counted generously. */
    TG_ARCHIVE_BYTES_MAX = TG_BUNDLE_BYTES_MAX + TG_BUNDLE_FILES_MAX * (TG_BUNDLE_PATH_MAX + 6) +
                           TG_ARCHIVE_ORIGIN_MAX + 256
};

/* Writes the bundle to the cleared out. TG_ERR_INVALID (it could not be read again: a name, path,
 * generation or order that no bundle has), TG_ERR_NOMEM, TG_ERR_TOO_LARGE. */
int tg_archive_write(const struct tg_bundle *bundle, struct tg_buf *out);

/* Makes a bundle of a whole archive; it holds copies. TG_ERR_SYNTAX: it isn't one. TG_ERR_NOMEM.
 * *bundle holds nothing then. */
int tg_archive_read(struct tg_str octets, struct tg_bundle *bundle);

#endif
