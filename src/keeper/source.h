/* SPDX-License-Identifier: MIT */
/* Where a document comes from, and how its text is got from there: read, judged, and put into the
 * form that workers take.
 * Lives in: the keeper, the supervisor; reading in a short-lived child of theirs. Borrows: the
 * configuration's texts. */
#ifndef TG_KEEPER_SOURCE_H
#define TG_KEEPER_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "core/config.h"
#include "core/document.h"

struct tg_source {
    enum tg_document document;
    const char *key;  /* of the configuration: "tenants.file" */
    const char *path; /* a file */
    uint32_t deadline_ms;
};

/* The sources that are configured, at most one per document. */
void tg_source_list(const struct tg_config *config, struct tg_source sources[TG_DOCUMENT_COUNT],
                    uint32_t *count);

/* In a child: appends the document's text to out. The message begins with the file's name, and
 * line where there is one. */
int tg_source_read(const struct tg_source *source, struct tg_buf *out, struct tg_errmsg *msg);

#endif
