/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include <stdio.h>

#include "hub/admission.h"

enum { MIB = 1 << 20 };

static struct fake_house *house_with(const char *first, const char *second)
{
    const char *settings[] = {first, second, NULL};

    return fake_house_create(settings);
}

static enum tg_refusal take(struct fake_house *house, const char *address, const char *tenant,
                            struct tg_ticket *ticket)
{
    *ticket = (struct tg_ticket){0};
    return tg_admission_take(&house->hub, tg_str_of(address), tg_str_of(tenant), ticket);
}

static enum tg_refusal knock(struct fake_house *house, const char *address)
{
    return tg_admission_knock(&house->hub, tg_str_of(address));
}

static uint64_t refused_count(struct fake_house *house, enum tg_refusal refusal)
{
    return tg_row_read(house->hub.row, TG_COUNT_REFUSED + (uint32_t)refusal);
}

static void an_address_gets_its_seats_and_no_more(void **state)
{
    struct fake_house *house = house_with("limits.max_connections_per_address=2", NULL);
    struct tg_ticket tickets[4];

    (void)state;
    assert_int_equal(take(house, "192.0.2.7", NULL, &tickets[0]), TG_REFUSAL_NONE);
    assert_int_equal(take(house, "::ffff:192.0.2.7", NULL, &tickets[1]), TG_REFUSAL_NONE);
    assert_int_equal(tg_admission_look(&house->hub, TG_STR("192.0.2.7")),
                     TG_REFUSAL_ADDRESS_AT_CAPACITY);
    assert_int_equal(take(house, "192.0.2.7", NULL, &tickets[2]), TG_REFUSAL_ADDRESS_AT_CAPACITY);
    assert_int_equal(take(house, "192.0.2.8", NULL, &tickets[2]), TG_REFUSAL_NONE);
    tg_admission_give(&house->hub, &tickets[0]);
    assert_int_equal(take(house, "192.0.2.7", NULL, &tickets[3]), TG_REFUSAL_NONE);
    for (int i = 1; i < 4; i++) {
        tg_admission_give(&house->hub, &tickets[i]);
    }
    fake_house_destroy(house);
}

static void an_ipv6_network_of_64_bits_is_one_address(void **state)
{
    struct fake_house *house = house_with("limits.max_connections_per_address=1", NULL);
    struct tg_ticket ticket;
    struct tg_ticket other;

    (void)state;
    assert_int_equal(take(house, "2001:db8:1:2::3", NULL, &ticket), TG_REFUSAL_NONE);
    assert_int_equal(take(house, "2001:db8:1:2:ffff::9", NULL, &other),
                     TG_REFUSAL_ADDRESS_AT_CAPACITY);
    assert_int_equal(take(house, "2001:db8:1:3::3", NULL, &other), TG_REFUSAL_NONE);
    tg_admission_give(&house->hub, &ticket);
    tg_admission_give(&house->hub, &other);
    /* All IPv4 addresses lie in one /64 of IPv6, and are still counted one by one. */
    assert_int_equal(take(house, "192.0.2.1", NULL, &ticket), TG_REFUSAL_NONE);
    assert_int_equal(take(house, "192.0.2.2", NULL, &other), TG_REFUSAL_NONE);
    tg_admission_give(&house->hub, &ticket);
    tg_admission_give(&house->hub, &other);
    fake_house_destroy(house);
}

static void a_local_peer_has_no_address_to_be_counted_by(void **state)
{
    struct fake_house *house =
        house_with("limits.max_connections_per_address=1", "limits.handshakes_per_second=1");
    struct tg_ticket tickets[3];

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(knock(house, "unix"), TG_REFUSAL_NONE);
        assert_int_equal(take(house, "unix", NULL, &tickets[i]), TG_REFUSAL_NONE);
    }
    for (int i = 0; i < 3; i++) {
        tg_admission_give(&house->hub, &tickets[i]);
    }
    fake_house_destroy(house);
}

static void a_tenant_gets_its_seats_and_no_more(void **state)
{
    struct fake_house *house = house_with("limits.max_connections_per_tenant=1", NULL);
    struct tg_ticket ticket;
    struct tg_ticket other;
    struct tg_ticket nobody;

    (void)state;
    assert_int_equal(take(house, "192.0.2.1", "acme", &ticket), TG_REFUSAL_NONE);
    assert_int_equal(take(house, "192.0.2.2", "acme", &other), TG_REFUSAL_TENANT_AT_CAPACITY);
    assert_int_equal(take(house, "192.0.2.2", "acm", &other), TG_REFUSAL_NONE);
    assert_int_equal(take(house, "192.0.2.3", NULL, &nobody), TG_REFUSAL_NONE);
    assert_int_equal(tg_admission_take_tenant(&house->hub, TG_STR("acme"), &nobody),
                     TG_REFUSAL_TENANT_AT_CAPACITY);
    tg_admission_give(&house->hub, &ticket);
    assert_int_equal(tg_admission_take_tenant(&house->hub, TG_STR("acme"), &nobody),
                     TG_REFUSAL_NONE);
    tg_admission_give(&house->hub, &other);
    tg_admission_give(&house->hub, &nobody);
    assert_int_equal(take(house, "192.0.2.1", "acme", &ticket), TG_REFUSAL_NONE);
    tg_admission_give(&house->hub, &ticket);
    fake_house_destroy(house);
}

static void a_longest_tenant_id_is_counted_too(void **state)
{
    struct fake_house *house = house_with("limits.max_connections_per_tenant=1", NULL);
    char longest[64];
    struct tg_ticket ticket;
    struct tg_ticket other;

    (void)state;
    memset(longest, 'a', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    assert_int_equal(take(house, "192.0.2.1", longest, &ticket), TG_REFUSAL_NONE);
    assert_int_equal(take(house, "192.0.2.1", longest, &other), TG_REFUSAL_TENANT_AT_CAPACITY);
    tg_admission_give(&house->hub, &ticket);
    fake_house_destroy(house);
}

static void knocking_too_often_is_refused_until_time_has_passed(void **state)
{
    struct fake_house *house =
        house_with("limits.handshakes_per_second=4", "limits.handshake_burst=3");

    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(knock(house, "192.0.2.7"), TG_REFUSAL_NONE);
    }
    assert_int_equal(knock(house, "192.0.2.7"), TG_REFUSAL_RATE_LIMITED);
    assert_int_equal(knock(house, "192.0.2.8"), TG_REFUSAL_NONE);
    fake_house_leap(house, 250);
    assert_int_equal(knock(house, "192.0.2.7"), TG_REFUSAL_NONE);
    assert_int_equal(knock(house, "192.0.2.7"), TG_REFUSAL_RATE_LIMITED);
    fake_house_destroy(house);
}

static void the_burst_is_that_of_two_seconds_by_default(void **state)
{
    struct fake_house *house = house_with("limits.handshakes_per_second=4", NULL);

    (void)state;
    for (int i = 0; i < 8; i++) {
        assert_int_equal(knock(house, "2001:db8::1"), TG_REFUSAL_NONE);
    }
    assert_int_equal(knock(house, "2001:db8::2"), TG_REFUSAL_RATE_LIMITED);
    fake_house_destroy(house);
}

static void memory_past_the_mark_refuses_until_it_is_well_below(void **state)
{
    struct fake_house *house = house_with("limits.shed_memory=100MiB", NULL);
    static const struct {
        uint64_t mib;
        enum tg_refusal refusal;
    } steps[] = {
        {99, TG_REFUSAL_NONE},
        {100, TG_REFUSAL_NONE},
        {101, TG_REFUSAL_SHORT_OF_MEMORY},
        {99, TG_REFUSAL_SHORT_OF_MEMORY},
        {95, TG_REFUSAL_SHORT_OF_MEMORY},
        {94, TG_REFUSAL_NONE},
        {99, TG_REFUSAL_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        tg_admission_set_resident(&house->hub, steps[i].mib * MIB);
        assert_int_equal(knock(house, "192.0.2.7"), steps[i].refusal);
        assert_int_equal(tg_row_read(house->hub.row, TG_COUNT_SHEDDING),
                         steps[i].refusal != TG_REFUSAL_NONE);
    }
    fake_house_destroy(house);
}

static void without_a_mark_memory_refuses_nobody(void **state)
{
    struct fake_house *house = house_with(NULL, NULL);

    (void)state;
    tg_admission_set_resident(&house->hub, UINT64_MAX);
    assert_int_equal(knock(house, "192.0.2.7"), TG_REFUSAL_NONE);
    fake_house_destroy(house);
}

static void waits_are_spread_evenly_over_their_window(void **state)
{
    struct fake_house *house = house_with("limits.retry_after_min=5s", "limits.retry_after_max=9s");
    uint32_t counts[16] = {0};

    (void)state;
    for (int i = 0; i < 5000; i++) {
        uint32_t wait_s = tg_admission_retry_after(&house->hub, i % 2 ? TG_REFUSAL_AT_CAPACITY
                                                                      : TG_REFUSAL_RATE_LIMITED);
        assert_in_range(wait_s, 5, 9);
        counts[wait_s]++;
    }
    for (int wait_s = 5; wait_s <= 9; wait_s++) {
        assert_in_range(counts[wait_s], 850, 1150);
    }
    assert_int_equal(tg_admission_retry_after(&house->hub, TG_REFUSAL_UNAUTHORIZED), 0);
    assert_int_equal(tg_admission_retry_after(&house->hub, TG_REFUSAL_NO_ROUTE), 0);
    fake_house_destroy(house);
}

/* By way of the whole decision: what it counts, and that the refused hold nothing. */
static void a_handshake_is_refused_counted_and_holds_nothing(void **state)
{
    struct fake_house *house =
        house_with("limits.max_connections_per_address=1", "limits.handshakes_per_second=1");
    const char *forged[] = {"Authorization: Bearer a.b.c", NULL};
    struct tg_conn alice;
    struct tg_verdict verdict;

    (void)state;
    fake_house_connect(house, &alice, "/chat", NULL);
    /* Refused for want of a seat, before the token is looked at. */
    tg_handshake_decide(&house->hub, fake_house_request(house, "/chat", forged), &verdict);
    assert_int_equal(verdict.refusal, TG_REFUSAL_ADDRESS_AT_CAPACITY);
    assert_in_range(verdict.retry_after_s, 5, 30);
    /* Two handshakes came; the third is too many, wherever it goes. */
    tg_handshake_decide(&house->hub, fake_house_request(house, "/nowhere", forged), &verdict);
    assert_int_equal(verdict.refusal, TG_REFUSAL_RATE_LIMITED);
    assert_in_range(verdict.retry_after_s, 5, 30);
    assert_int_equal(tg_page_seats(house->page), 1);
    assert_int_equal(refused_count(house, TG_REFUSAL_ADDRESS_AT_CAPACITY), 1);
    assert_int_equal(refused_count(house, TG_REFUSAL_RATE_LIMITED), 1);
    assert_int_equal(tg_row_read(house->hub.row, TG_COUNT_UPGRADES_REFUSED), 1);
    fake_conn_lose(&alice);
    fake_house_leap(house, 1000);
    fake_house_connect(house, &alice, "/chat", NULL);
    fake_conn_lose(&alice);
    fake_house_leap(house, 1);
    fake_house_destroy(house);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_gets_its_seats_and_no_more),
        cmocka_unit_test(an_ipv6_network_of_64_bits_is_one_address),
        cmocka_unit_test(a_local_peer_has_no_address_to_be_counted_by),
        cmocka_unit_test(a_tenant_gets_its_seats_and_no_more),
        cmocka_unit_test(a_longest_tenant_id_is_counted_too),
        cmocka_unit_test(knocking_too_often_is_refused_until_time_has_passed),
        cmocka_unit_test(the_burst_is_that_of_two_seconds_by_default),
        cmocka_unit_test(memory_past_the_mark_refuses_until_it_is_well_below),
        cmocka_unit_test(without_a_mark_memory_refuses_nobody),
        cmocka_unit_test(waits_are_spread_evenly_over_their_window),
        cmocka_unit_test(a_handshake_is_refused_counted_and_holds_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
