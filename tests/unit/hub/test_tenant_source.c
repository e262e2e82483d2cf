/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include <string.h>

#include "hub/tenant_source.h"
#include "hub/tenants.h"

static const char registry[] = "acme\tactive\tAcme\nglobex\tactive\tGlobex\n"
                               "old\tsuspended\tOld\npublic\tactive\tPublic\n"
                               "closed\tsuspended\tClosed\n";

/* A house that looks at these sources, with the registry. */
static struct fake_house *house_with(const char *sources, const char *fallback)
{
    struct tg_errmsg msg = {{0}};
    char first[96] = "tenants.sources=";
    char second[96] = "tenants.fallback=";
    const char *settings[] = {"tenants.base_domain=rt.Example", first, fallback ? second : NULL,
                              NULL};

    (void)strncat(first, sources, 64);
    (void)strncat(second, fallback ? fallback : "", 64);
    struct fake_house *house = fake_house_create(settings);
    assert_int_equal(tg_hub_set_tenants(&house->hub, tg_str_of(registry), &msg), TG_OK);
    return house;
}

/* What a request with this header value and this Host names; "" for none. */
static enum tg_refusal read(struct fake_house *house, const char *header, const char *host,
                            char found[80])
{
    struct tg_header headers[] = {{TG_STR("Host"), tg_str_of(host)},
                                  {TG_STR("X-Tenant-Id"), tg_str_of(header)}};
    struct tg_handshake request = {.headers = headers, .header_count = header ? 2 : 1};
    struct tg_tenant_named named;
    enum tg_refusal refusal = tg_tenant_source_read(&house->hub, &request, &named);

    memset(found, 0, 80);
    memcpy(found, named.id.at ? named.id.at : "", named.id.length);
    return refusal;
}

static void one_label_below_the_base_domain_names_the_tenant(void **state)
{
    static const struct {
        const char *host;
        const char *tenant;
    } cases[] = {
        {"acme.rt.example", "acme"},
        {"acme.rt.example:8443", "acme"},
        {"ACME.RT.Example:1", "acme"},
        {"a_b-9.rt.example", "a_b-9"},
        {"rt.example", ""},
        {"rt.example:80", ""},
        {"a.b.rt.example", ""},
        {"acmert.example", ""},
        {"acme.rt.example.evil", ""},
        {"acme.rt.example.", ""},
        {"other.example", ""},
        {"[::1]:8080", ""},
        {"127.0.0.1", ""},
        {"evil-rt.example", ""},
        {"acme.rt.example:x.rt.example", "acme"},
    };
    struct fake_house *house = house_with("subdomain", NULL);
    char found[80];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(read(house, "globex", cases[i].host, found), TG_REFUSAL_NONE);
        assert_string_equal(found, cases[i].tenant);
    }
    fake_house_destroy(house);
}

static void a_label_that_is_no_id_is_bad(void **state)
{
    static const char *const bad[] = {
        ".rt.example", "a%20b.rt.example", "a!b.rt.example",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.rt.example"};
    struct fake_house *house = house_with("subdomain", NULL);
    char found[80];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(read(house, NULL, bad[i], found), TG_REFUSAL_BAD_TENANT);
    }
    assert_int_equal(
        read(house, NULL,
             "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.rt.example", found),
        TG_REFUSAL_NONE);
    assert_int_equal(strlen(found), 63);
    fake_house_destroy(house);
}

static void the_first_source_that_names_one_counts(void **state)
{
    struct fake_house *header = house_with("header,subdomain", NULL);
    struct fake_house *subdomain = house_with("subdomain,header", NULL);
    struct fake_house *none = house_with("none", NULL);
    char found[80];

    (void)state;
    assert_int_equal(read(header, "globex", "acme.rt.example", found), TG_REFUSAL_NONE);
    assert_string_equal(found, "globex");
    assert_int_equal(read(header, NULL, "acme.rt.example", found), TG_REFUSAL_NONE);
    assert_string_equal(found, "acme");
    assert_int_equal(read(subdomain, "globex", "acme.rt.example", found), TG_REFUSAL_NONE);
    assert_string_equal(found, "acme");
    assert_int_equal(read(subdomain, "globex", "rt.example", found), TG_REFUSAL_NONE);
    assert_string_equal(found, "globex");
    assert_int_equal(read(none, "globex", "acme.rt.example", found), TG_REFUSAL_NONE);
    assert_string_equal(found, "");
    fake_house_destroy(header);
    fake_house_destroy(subdomain);
    fake_house_destroy(none);
}

static void a_header_that_is_no_id_is_bad_and_so_are_two(void **state)
{
    static const char *const bad[] = {"", "Acme", "a b", "a/b", "a.b", "\xc3\xa4", "a,b", "*"};
    struct fake_house *house = house_with("header,claim", NULL);
    struct tg_header two[] = {{TG_STR("x-tenant-id"), TG_STR("acme")},
                              {TG_STR("X-TENANT-ID"), TG_STR("acme")}};
    struct tg_handshake request = {.headers = two, .header_count = 2};
    struct tg_tenant_named named;
    char found[80];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(read(house, bad[i], "h", found), TG_REFUSAL_BAD_TENANT);
    }
    assert_int_equal(tg_tenant_source_read(&house->hub, &request, &named), TG_REFUSAL_BAD_TENANT);
    fake_house_destroy(house);
}

/* sources, fallback, whether the gateway wants one, the header, the claim -> verdict, tenant */
static const struct {
    const char *sources;
    const char *fallback;
    bool is_required;
    const char *header;
    const char *claim;
    enum tg_refusal refusal;
    const char *tenant;
} verdicts[] = {
    {"header,claim", NULL, false, NULL, NULL, TG_REFUSAL_NONE, ""},
    {"header,claim", NULL, true, NULL, NULL, TG_REFUSAL_NO_TENANT, NULL},
    {"header,claim", NULL, true, "acme", NULL, TG_REFUSAL_NONE, "acme"},
    {"header,claim", NULL, true, NULL, "acme", TG_REFUSAL_NONE, "acme"},
    {"header,claim", NULL, true, "acme", "acme", TG_REFUSAL_NONE, "acme"},
    {"header,claim", NULL, false, "acme", "globex", TG_REFUSAL_WRONG_TENANT, NULL},
    {"claim,header", NULL, false, "acme", "globex", TG_REFUSAL_NONE, "globex"},
    {"header", NULL, false, NULL, "acme", TG_REFUSAL_WRONG_TENANT, NULL},
    {"header", NULL, true, NULL, "acme", TG_REFUSAL_NO_TENANT, NULL},
    {"header", NULL, false, "acme", "acme", TG_REFUSAL_NONE, "acme"},
    {"header,claim", NULL, false, "nope", NULL, TG_REFUSAL_UNKNOWN_TENANT, NULL},
    {"header,claim", NULL, true, "nope", "nope", TG_REFUSAL_UNKNOWN_TENANT, NULL},
    {"header,claim", NULL, false, NULL, "nope", TG_REFUSAL_UNKNOWN_TENANT, NULL},
    {"header,claim", NULL, false, "old", NULL, TG_REFUSAL_TENANT_SUSPENDED, NULL},
    {"header,claim", NULL, false, NULL, "old", TG_REFUSAL_TENANT_SUSPENDED, NULL},
    {"header,claim", "public", true, NULL, NULL, TG_REFUSAL_NONE, "public"},
    {"header,claim", "public", false, "nope", NULL, TG_REFUSAL_NONE, "public"},
    {"header,claim", "public", false, "acme", NULL, TG_REFUSAL_NONE, "acme"},
    {"header,claim", "public", false, "old", NULL, TG_REFUSAL_TENANT_SUSPENDED, NULL},
    {"header,claim", "public", false, NULL, "old", TG_REFUSAL_TENANT_SUSPENDED, NULL},
    {"header,claim", "public", false, NULL, "nope", TG_REFUSAL_WRONG_TENANT, NULL},
    {"header,claim", "public", false, "nope", "acme", TG_REFUSAL_WRONG_TENANT, NULL},
    {"header,claim", "public", false, "nope", "public", TG_REFUSAL_NONE, "public"},
    {"header", "public", false, NULL, "acme", TG_REFUSAL_WRONG_TENANT, NULL},
    {"header,claim", "missing", false, NULL, NULL, TG_REFUSAL_UNKNOWN_TENANT, NULL},
    {"header,claim", "closed", false, NULL, NULL, TG_REFUSAL_TENANT_SUSPENDED, NULL},
    {"none", NULL, false, "acme", NULL, TG_REFUSAL_NONE, ""},
    {"none", "public", false, "acme", NULL, TG_REFUSAL_NONE, "public"},
};

static void each_verdict_is_that_of_the_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
        struct fake_house *house = house_with(verdicts[i].sources, verdicts[i].fallback);
        struct tg_header headers[] = {{TG_STR("X-Tenant-Id"), tg_str_of(verdicts[i].header)}};
        struct tg_handshake request = {.headers = headers,
                                       .header_count = verdicts[i].header ? 1 : 0};
        struct tg_tenant_named named;
        struct tg_str tenant;
        assert_int_equal(tg_tenant_source_read(&house->hub, &request, &named), TG_REFUSAL_NONE);
        enum tg_refusal refusal = tg_tenant_source_decide(
            &house->hub, verdicts[i].is_required ? TG_PRESENCE_REQUIRED : TG_PRESENCE_OPTIONAL,
            &named, tg_str_of(verdicts[i].claim), &tenant);
        if (refusal != verdicts[i].refusal ||
            (refusal == TG_REFUSAL_NONE && !tg_str_is(tenant, tg_str_of(verdicts[i].tenant)))) {
            fail_msg("row %zu: %d \"%.*s\"", i, (int)refusal, TG_STR_ARGS(tenant));
        }
        fake_house_destroy(house);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_label_below_the_base_domain_names_the_tenant),
        cmocka_unit_test(a_label_that_is_no_id_is_bad),
        cmocka_unit_test(the_first_source_that_names_one_counts),
        cmocka_unit_test(a_header_that_is_no_id_is_bad_and_so_are_two),
        cmocka_unit_test(each_verdict_is_that_of_the_table),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
