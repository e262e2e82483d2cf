/* SPDX-License-Identifier: MIT */
/* A number that is another one when a gateway's folder has changed, made of what the kernel tells
 * of its entries without reading any: kind, identity, size, the times of content and of entry (the
 * latter can't be set back). Only what a bundle is made of counts (deploy/folder.h).
 * Lives in: the deployer. Holds nothing after the call. */
#ifndef TG_DEPLOYER_FINGERPRINT_H
#define TG_DEPLOYER_FINGERPRINT_H

#include <stdint.h>

/* Called with every folder that is gone through, before it is. */
typedef void (*tg_fingerprint_fn)(void *self, const char *path);

/* Never 0. What can't be read gives a number too, which lasts as long as the reason does. */
uint64_t tg_fingerprint_take(const char *path, tg_fingerprint_fn on_folder, void *self);

#endif
