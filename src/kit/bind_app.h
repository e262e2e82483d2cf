/* SPDX-License-Identifier: MIT */
/* An app's own methods in Lua: life, time, faults, what can be looked at.
 * Lives in: the test kit, inside the spec's Lua state. */
#ifndef TG_KIT_BIND_APP_H
#define TG_KIT_BIND_APP_H

#include "kit/handle.h"

/* start({ { key, value }, ... }, seed, wall_ms): an app, or nil and why. */
int tg_bind_app_start(lua_State *L);

/* folders(root): the paths of the gateways' folders in it, or nil and why. */
int tg_bind_app_folders(lua_State *L);

/* Static. */
const struct tg_handle_method *tg_bind_app_methods(void);

#endif
