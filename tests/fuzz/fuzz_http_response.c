/* SPDX-License-Identifier: MIT */
/* The verdict on a whole answer stays when more octets follow, and a body never passes its limit.
 */
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "net/http_response.h"

enum { BODY_MAX = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length);

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t length)
{
    struct tg_str text = tg_str((const char *)octets, length);
    struct tg_buf body;
    struct tg_errmsg msg;
    int status = 0;
    int again = 0;

    tg_buf_init(&body, BODY_MAX);
    int half = tg_http_response_read(tg_str(text.at, length / 2), false, &again, &body, &msg);
    int whole = tg_http_response_read(text, false, &status, &body, &msg);
    tg_require(body.length <= BODY_MAX);
    if (half != TG_ERR_INCOMPLETE) {
        tg_require(half == whole && again == status);
    }
    if (whole == TG_OK) {
        tg_require(status >= 200 && status <= 999);
        tg_require(tg_http_response_read(text, true, &again, &body, &msg) == TG_OK);
        tg_require(again == status);
    }
    tg_require(tg_http_response_read(text, true, &again, &body, &msg) != TG_ERR_INCOMPLETE);
    tg_buf_fini(&body);
    return 0;
}
