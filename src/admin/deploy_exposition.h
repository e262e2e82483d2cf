/* SPDX-License-Identifier: MIT */
/* What /metrics says of deploys: the gateways, their generations, what went wrong.
 * Lives in: the admin process. */
#ifndef TG_ADMIN_DEPLOY_EXPOSITION_H
#define TG_ADMIN_DEPLOY_EXPOSITION_H

#include "base/buf.h"
#include "core/deploy_table.h"

/* Appends the families, in Prometheus' text format. A gateway has series from when it is first
 * heard of until it has gone. */
void tg_deploy_exposition_write(struct tg_buf *out, const struct tg_deploy_table *table);

#endif
