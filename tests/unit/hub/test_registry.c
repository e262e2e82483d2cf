/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include "hub/registry.h"

enum { PEOPLE = 500, STEPS = 20000 };

static void slots_are_used_again_and_serials_never(void **state)
{
    struct tg_registry registry = {0};
    struct tg_client alice = {0};
    struct tg_client bob = {0};

    (void)state;
    assert_int_equal(tg_registry_add(&registry, &alice), TG_OK);
    uint32_t slot = alice.slot;
    uint64_t serial = alice.serial;
    tg_registry_remove(&registry, &alice);
    assert_int_equal(tg_registry_add(&registry, &bob), TG_OK);
    assert_int_equal(bob.slot, slot);
    assert_int_not_equal(bob.serial, serial);
    assert_null(tg_registry_find(&registry, slot, serial));
    assert_ptr_equal(tg_registry_find(&registry, bob.slot, bob.serial), &bob);
    tg_registry_remove(&registry, &bob);
    tg_registry_fini(&registry);
}

static void it_agrees_with_a_plain_table_over_random_steps(void **state)
{
    struct tg_registry registry = {0};
    static struct tg_client people[PEOPLE];
    bool is_in[PEOPLE] = {false};
    uint32_t count = 0;
    struct tg_rand rand;

    (void)state;
    tg_rand_seed(&rand, 3);
    for (int step = 0; step < STEPS; step++) {
        uint64_t who = tg_rand_below(&rand, PEOPLE);
        if (is_in[who]) {
            tg_registry_remove(&registry, &people[who]);
            count--;
        } else {
            assert_int_equal(tg_registry_add(&registry, &people[who]), TG_OK);
            count++;
        }
        is_in[who] = !is_in[who];
        assert_int_equal(registry.count, count);
        struct tg_client *found = tg_registry_find(&registry, people[who].slot, people[who].serial);
        assert_ptr_equal(found, is_in[who] ? &people[who] : NULL);
    }
    assert_true(registry.capacity <= 1024);
    tg_registry_fini(&registry);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_are_used_again_and_serials_never),
        cmocka_unit_test(it_agrees_with_a_plain_table_over_random_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
