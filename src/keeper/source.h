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
#include "net/http_url.h"

struct tg_source {
    enum tg_document document;
    const char *key;  /* of the configuration: "tenants.file" */
    const char *path; /* a file; NULL: it is fetched */
    struct tg_http_url url;
    const char *ca_file; /* NULL: the system's */
    uint32_t deadline_ms;
};

/* The sources that are configured, at most one per document. TG_ERR_INVALID with a message that
 * names the key: a URL that makes no sense, or is neither https:// nor this machine's. */
int tg_source_list(const struct tg_config *config, struct tg_source sources[TG_DOCUMENT_COUNT],
                   uint32_t *count, struct tg_errmsg *msg);

/* In a child: appends the document's text to out. The message begins with the file's name, and
 * line where there is one; a URL is not shown, since its query may hold a secret. */
int tg_source_read(const struct tg_source *source, struct tg_buf *out, struct tg_errmsg *msg);

#endif
