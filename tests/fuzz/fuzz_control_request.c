/* SPDX-License-Identifier: MIT */
/* Any octets as a request over the control socket: what is read is written as it was. */
#include "target.h"

#include <string.h>

#include "base/check.h"
#include "control_request.h"

/* The files of src itself belong to the program and to no library. */
#include "control_request.c" /* NOLINT(bugprone-suspicious-include) */

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    struct tg_control_request request = {.verb = TG_CONTROL_REMOVE, .name = "before"};
    struct tg_errmsg msg = {0};
    char again[TG_CONTROL_REQUEST_MAX];
    int err = tg_control_request_read(tg_str((const char *)input, length), &request, &msg);

    if (err != TG_OK) {
        tg_require(err == TG_ERR_SYNTAX && msg.text[0] != '\0');
        tg_require(strcmp(request.name, "before") == 0);
        return 0;
    }
    size_t written = tg_control_request_write(&request, again);
    tg_require(written == length + 1 && memcmp(again, input, length) == 0);
    tg_require(again[length] == '\n');
    return 0;
}
