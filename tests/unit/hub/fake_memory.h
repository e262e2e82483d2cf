/* SPDX-License-Identifier: MIT */
/* Memory that runs out when the test says. The linker sends our own objects' malloc, calloc and
 * realloc here (--wrap); foreign libraries keep the real ones. */
#ifndef TG_TEST_FAKE_MEMORY_H
#define TG_TEST_FAKE_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

/* Lets count allocations succeed, fails one, and lets all later ones succeed. */
void fake_memory_fail_after(uint32_t count);

/* No more failures. Returns whether one has happened. */
bool fake_memory_heal(void);

#endif
