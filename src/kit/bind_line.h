/* SPDX-License-Identifier: MIT */
/* An app's methods in Lua that concern one line, by its number: connecting, what the client at its
 * far end does, and what that client sees.
 * Lives in: the test kit, inside the spec's Lua state. */
#ifndef TG_KIT_BIND_LINE_H
#define TG_KIT_BIND_LINE_H

#include "kit/handle.h"

/* Static. */
const struct tg_handle_method *tg_bind_line_methods(void);

#endif
