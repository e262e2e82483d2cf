/* SPDX-License-Identifier: MIT */
/* Hash tables (uthash) whose hash is SipHash-2-4 with a key per boot, so that clients who choose
 * names can't aim for one bucket.
 * Lives in: every process. Include this, never uthash itself. */
#ifndef TG_BASE_HASH_H
#define TG_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* SipHash-2-4 of the octets. key: 16 octets. */
uint64_t tg_siphash(const void *octets, size_t length, const uint8_t key[16]);

/* The same with this process's key, which the kernel chose before main. */
uint64_t tg_hash(const void *octets, size_t length);

/* A failed allocation inside HASH_ADD leaves the element out; ask with
 * element->hh.tbl != NULL, or look it up. */
#define HASH_NONFATAL_OOM 1
#define HASH_FUNCTION(keyptr, keylen, hashv) ((hashv) = (unsigned)tg_hash(keyptr, keylen))
#include <uthash.h>

#endif
