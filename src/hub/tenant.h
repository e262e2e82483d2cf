/* SPDX-License-Identifier: MIT */
/* The form of tenant ids.
 * Lives in: a worker. Pure. */
#ifndef TG_HUB_TENANT_H
#define TG_HUB_TENANT_H

#include <stdbool.h>

#include "base/str.h"

enum { TG_TENANT_MAX = 63 };

/* Whether the text is 1 to TG_TENANT_MAX of a-z 0-9 _ -. */
bool tg_tenant_is_id(struct tg_str text);

#endif
