/* SPDX-License-Identifier: MIT */
/* How far two words are apart, for "did you mean": insertions, deletions, replacements and swaps
 * of neighbours (optimal string alignment).
 * Lives in: every process. */
#ifndef TG_BASE_EDITS_H
#define TG_BASE_EDITS_H

#include <stdint.h>

#include "base/str.h"

enum { TG_EDITS_WORD_MAX = 64 };

/* UINT32_MAX when either word is longer than TG_EDITS_WORD_MAX: too far to be meant. */
uint32_t tg_edits(struct tg_str a, struct tg_str b);

#endif
