/* SPDX-License-Identifier: MIT */
/* What every fuzz target defines; libFuzzer or replay.c calls it. A property that doesn't hold is
 * told by tg_require. Lives in: tests. */
#ifndef TG_FUZZ_TARGET_H
#define TG_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length);

#endif
