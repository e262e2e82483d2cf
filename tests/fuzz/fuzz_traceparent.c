/* SPDX-License-Identifier: MIT */
/* A traceparent is either refused or gives 32 lower-case hex digits that stood in it. */
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/err.h"
#include "hub/trace.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length)
{
    char trace_id[33];

    if (tg_trace_read(tg_str((const char *)octets, length), trace_id) != TG_OK) {
        return 0;
    }
    tg_require(length >= 55 && memcmp(trace_id, octets + 3, 32) == 0 && trace_id[32] == '\0');
    tg_require(strspn(trace_id, "0123456789abcdef") == 32);
    return 0;
}
