/* SPDX-License-Identifier: MIT */
#include "kit/mint.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "fake_memory.h"

static const char SECRET[] = "0123456789abcdef0123456789abcdef";

static void expect(const char *secret, const char *claims, const char *wanted)
{
    struct tg_buf token;

    tg_buf_init(&token, 4096);
    assert_int_equal(tg_mint_hs256(tg_str_of(secret), tg_str_of(claims), &token), TG_OK);
    assert_int_equal(token.length, strlen(wanted));
    assert_memory_equal(token.at, wanted, token.length);
    tg_buf_fini(&token);
}

/* The wanted ones were made by Python's hmac and base64. */
static void a_token_is_what_others_make(void **state)
{
    (void)state;
    expect(SECRET, "{\"sub\":\"alice\"}",
           "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
           "eyJzdWIiOiJhbGljZSJ9."
           "B3ZVCeqD-r-YgqIh8P8pzsDWV-k3-_krdhAyEOyABBc");
    expect("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef!", "{}",
           "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
           "e30."
           "XxrV9EU3DHr_4jNhJQlX_MOKjs0ami-mkF4fMCro4VE");
}

static void without_room_or_memory_there_is_none(void **state)
{
    struct tg_buf token;

    (void)state;
    tg_buf_init(&token, 60);
    assert_int_equal(tg_mint_hs256(tg_str_of(SECRET), TG_STR("{}"), &token), TG_ERR_TOO_LARGE);
    tg_buf_fini(&token);
    tg_buf_init(&token, 4096);
    fake_memory_fail_after(0);
    assert_int_equal(tg_mint_hs256(tg_str_of(SECRET), TG_STR("{}"), &token), TG_ERR_NOMEM);
    assert_true(fake_memory_heal());
    tg_buf_fini(&token);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_token_is_what_others_make),
        cmocka_unit_test(without_room_or_memory_there_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
