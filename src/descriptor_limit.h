/* SPDX-License-Identifier: MIT */
/* How many descriptors the process and its children may have.
 * Lives in: the supervisor. */
#ifndef TG_DESCRIPTOR_LIMIT_H
#define TG_DESCRIPTOR_LIMIT_H

#include "base/err.h"

/* Every client needs one: what the system allows is asked for, within what libwebsockets can stand,
 * which sizes tables by the limit. TG_ERR_IO with a message. */
int tg_descriptor_limit_raise(struct tg_errmsg *msg);

#endif
