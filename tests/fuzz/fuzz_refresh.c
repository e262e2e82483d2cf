/* SPDX-License-Identifier: MIT */
/* The auth event: whatever the message holds, its token is refused with a reason, since nobody here
 * can sign one; and a message without exactly one token in its data gets as far as no key. */
#include "target.h"

#include "base/check.h"
#include "hub/auth.h"
#include "hub/envelope.h"
#include "hub/hub.h"
#include "hub/refresh.h"

static uint64_t read_wall(void *self)
{
    (void)self;
    return 1700000000000;
}

static struct tg_hub *house(void)
{
    static struct tg_config config;
    static struct tg_hub hub;
    static struct tg_clock clock = {.wall_ms = read_wall};
    struct tg_errmsg msg = {0};

    if (!hub.auth) {
        tg_require(tg_config_init(&config) == TG_OK);
        tg_require(tg_config_set(&config, "auth.keys[1].secret",
                                 TG_STR("0123456789abcdef0123456789abcdef"), &msg) == TG_OK);
        tg_require(tg_auth_create(&config, &hub.auth, &msg) == TG_OK);
        hub.config = &config;
        hub.clock = &clock;
    }
    return &hub;
}

int LLVMFuzzerTestOneInput(const uint8_t *input, size_t length)
{
    struct tg_str message = tg_str((const char *)input, length);
    struct tg_envelope envelope;
    struct tg_token token;
    const char *why = NULL;

    if (tg_envelope_read(message, &tg_json_default_limits, &envelope) == TG_IGNORED_COUNT) {
        tg_require(tg_refresh_read(house(), envelope.data, &token, &why) == TG_ERR_DENIED);
        tg_require(why && !token.claims && !token.held);
    }
    return 0;
}
