/* SPDX-License-Identifier: MIT */
#include "net/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/err.h"

/* FIPS 180-4's examples, as published with the standard. */
static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

static void hex(char *out, const uint8_t *octets, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        (void)snprintf(out + 2 * i, 3, "%02x", octets[i]);
    }
}

static void assert_sha1(struct tg_str octets, const char *expected)
{
    uint8_t digest[TG_SHA1_BYTES];
    char text[2 * TG_SHA1_BYTES + 1];

    assert_int_equal(tg_digest_sha1(octets, digest), TG_OK);
    hex(text, digest, sizeof(digest));
    assert_string_equal(text, expected);
}

/* In pieces of at most piece octets. */
static void assert_sha256(struct tg_str octets, size_t piece, const char *expected)
{
    uint8_t digest[TG_SHA256_BYTES];
    char text[2 * TG_SHA256_BYTES + 1];
    struct tg_digest *state = tg_digest_start();

    assert_non_null(state);
    while (octets.length > 0) {
        size_t length = octets.length < piece ? octets.length : piece;
        assert_int_equal(tg_digest_add(state, tg_str(octets.at, length)), TG_OK);
        octets = tg_str(octets.at + length, octets.length - length);
    }
    assert_int_equal(tg_digest_finish(state, digest), TG_OK);
    hex(text, digest, sizeof(digest));
    assert_string_equal(text, expected);
}

static void sha1_gives_the_published_digests(void **state)
{
    (void)state;
    assert_sha1(TG_STR("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
    assert_sha1(tg_str_of(two_blocks), "84983e441c3bd26ebaae4aa1f95129e5e54670f1");
    assert_sha1(TG_STR(""), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    assert_sha1(tg_str(NULL, 0), "da39a3ee5e6b4b0d3255bfef95601890afd80709");
}

/* RFC 6455 section 1.3: what the accept value is made of. */
static void sha1_gives_the_digest_of_the_websocket_example(void **state)
{
    (void)state;
    assert_sha1(TG_STR("dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11"),
                "b37a4f2cc0624f1690f64606cf385945b2bec4ea");
}

static void sha256_gives_the_published_digests(void **state)
{
    (void)state;
    assert_sha256(TG_STR("abc"), 64,
                  "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_sha256(tg_str_of(two_blocks), 64,
                  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    assert_sha256(TG_STR(""), 64,
                  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void sha256_of_a_million_octets_is_the_published_one(void **state)
{
    static char million[1000000];

    (void)state;
    memset(million, 'a', sizeof(million));
    assert_sha256(tg_str(million, sizeof(million)), 977,
                  "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void sha256_does_not_depend_on_how_the_octets_come(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < sizeof(two_blocks); piece++) {
        assert_sha256(tg_str_of(two_blocks), piece,
                      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    }
}

static void an_empty_piece_changes_nothing(void **state)
{
    uint8_t digest[TG_SHA256_BYTES];
    char text[2 * TG_SHA256_BYTES + 1];
    struct tg_digest *one = tg_digest_start();

    (void)state;
    assert_non_null(one);
    assert_int_equal(tg_digest_add(one, tg_str(NULL, 0)), TG_OK);
    assert_int_equal(tg_digest_add(one, TG_STR("abc")), TG_OK);
    assert_int_equal(tg_digest_add(one, TG_STR("")), TG_OK);
    assert_int_equal(tg_digest_finish(one, digest), TG_OK);
    hex(text, digest, sizeof(digest));
    assert_string_equal(text, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha1_gives_the_published_digests),
        cmocka_unit_test(sha1_gives_the_digest_of_the_websocket_example),
        cmocka_unit_test(sha256_gives_the_published_digests),
        cmocka_unit_test(sha256_of_a_million_octets_is_the_published_one),
        cmocka_unit_test(sha256_does_not_depend_on_how_the_octets_come),
        cmocka_unit_test(an_empty_piece_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
