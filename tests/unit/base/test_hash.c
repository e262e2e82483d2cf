/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"

enum { LENGTHS = 64 };

/* SipHash-2-4 of the octets 00, 01, 02 ... by number of octets, with the key 00 to 0f. The one for
 * 15 octets is printed in the paper (Aumasson, Bernstein: SipHash, appendix A); the others are what
 * OpenSSL's SIPHASH gives. */
static const uint64_t expected[LENGTHS] = {
    0x726fdb47dd0e0e31u, 0x74f839c593dc67fdu, 0x0d6c8009d9a94f5au, 0x85676696d7fb7e2du,
    0xcf2794e0277187b7u, 0x18765564cd99a68du, 0xcbc9466e58fee3ceu, 0xab0200f58b01d137u,
    0x93f5f5799a932462u, 0x9e0082df0ba9e4b0u, 0x7a5dbbc594ddb9f3u, 0xf4b32f46226bada7u,
    0x751e8fbc860ee5fbu, 0x14ea5627c0843d90u, 0xf723ca908e7af2eeu, 0xa129ca6149be45e5u,
    0x3f2acc7f57c29bdbu, 0x699ae9f52cbe4794u, 0x4bc1b3f0968dd39cu, 0xbb6dc91da77961bdu,
    0xbed65cf21aa2ee98u, 0xd0f2cbb02e3b67c7u, 0x93536795e3a33e88u, 0xa80c038ccd5ccec8u,
    0xb8ad50c6f649af94u, 0xbce192de8a85b8eau, 0x17d835b85bbb15f3u, 0x2f2e6163076bcfadu,
    0xde4daaaca71dc9a5u, 0xa6a2506687956571u, 0xad87a3535c49ef28u, 0x32d892fad841c342u,
    0x7127512f72f27cceu, 0xa7f32346f95978e3u, 0x12e0b01abb051238u, 0x15e034d40fa197aeu,
    0x314dffbe0815a3b4u, 0x027990f029623981u, 0xcadcd4e59ef40c4du, 0x9abfd8766a33735cu,
    0x0e3ea96b5304a7d0u, 0xad0c42d6fc585992u, 0x187306c89bc215a9u, 0xd4a60abcf3792b95u,
    0xf935451de4f21df2u, 0xa9538f0419755787u, 0xdb9acddff56ca510u, 0xd06c98cd5c0975ebu,
    0xe612a3cb9ecba951u, 0xc766e62cfcadaf96u, 0xee64435a9752fe72u, 0xa192d576b245165au,
    0x0a8787bf8ecb74b2u, 0x81b3e73d20b49b6fu, 0x7fa8220ba3b2eceau, 0x245731c13ca42499u,
    0xb78dbfaf3a8d83bdu, 0xea1ad565322a1a0bu, 0x60e61c23a3795013u, 0x6606d7e446282b93u,
    0x6ca4ecb15c5f91e1u, 0x9f626da15c9625f3u, 0xe51b38608ef25f57u, 0x958a324ceb064572u,
};

struct fixture {
    uint8_t key[16];
    uint8_t octets[LENGTHS];
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    for (int i = 0; i < 16; i++) {
        f->key[i] = (uint8_t)i;
    }
    for (int i = 0; i < LENGTHS; i++) {
        f->octets[i] = (uint8_t)i;
    }
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    free(*state);
    return 0;
}

static void siphash_gives_the_vector_of_the_paper(void **state)
{
    struct fixture *f = *state;

    assert_true(tg_siphash(f->octets, 15, f->key) == 0xa129ca6149be45e5u);
}

static void siphash_gives_what_another_implementation_gives(void **state)
{
    struct fixture *f = *state;

    for (size_t length = 0; length < LENGTHS; length++) {
        assert_true(tg_siphash(f->octets, length, f->key) == expected[length]);
    }
}

static void an_unaligned_input_hashes_like_an_aligned_one(void **state)
{
    struct fixture *f = *state;
    uint8_t shifted[LENGTHS + 8];

    for (size_t by = 1; by < 8; by++) {
        memcpy(shifted + by, f->octets, LENGTHS);
        assert_true(tg_siphash(shifted + by, 63, f->key) == expected[63]);
    }
}

static void the_process_key_is_one_key_and_not_zero(void **state)
{
    struct fixture *f = *state;
    const uint8_t zeroes[16] = {0};

    assert_true(tg_hash(f->octets, 20) == tg_hash(f->octets, 20));
    assert_true(tg_hash(f->octets, 20) != tg_siphash(f->octets, 20, zeroes));
}

struct entry {
    int key;
    UT_hash_handle hh;
};

static void a_table_finds_what_was_added(void **state)
{
    struct entry *table = NULL;
    struct entry *next = NULL;
    struct entry *entry = NULL;

    (void)state;
    for (int i = 0; i < 1000; i++) {
        entry = calloc(1, sizeof(*entry));
        entry->key = i;
        HASH_ADD_INT(table, key, entry);
        assert_non_null(entry->hh.tbl);
    }
    for (int i = -1; i <= 1000; i++) {
        HASH_FIND_INT(table, &i, entry);
        assert_true((i >= 0 && i < 1000) == (entry != NULL));
        assert_true(!entry || entry->key == i);
    }
    HASH_ITER(hh, table, entry, next)
    {
        HASH_DEL(table, entry);
        free(entry);
    }
    assert_null(table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(siphash_gives_the_vector_of_the_paper),
        TEST(siphash_gives_what_another_implementation_gives),
        TEST(an_unaligned_input_hashes_like_an_aligned_one),
        TEST(the_process_key_is_one_key_and_not_zero),
        TEST(a_table_finds_what_was_added),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
