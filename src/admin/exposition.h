/* SPDX-License-Identifier: MIT */
/* The page behind /metrics: what the workers counted, and what the processes are.
 * Lives in: the admin process. */
#ifndef TG_ADMIN_EXPOSITION_H
#define TG_ADMIN_EXPOSITION_H

#include "base/buf.h"
#include "core/document.h"
#include "core/shared_page.h"

/* Appends the whole exposition, in Prometheus' text format. documents may be NULL: nothing is
 * kept. */
void tg_exposition_write(struct tg_buf *out, const struct tg_page *page,
                         const struct tg_document_store *documents);

#endif
