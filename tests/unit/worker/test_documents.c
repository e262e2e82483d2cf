/* SPDX-License-Identifier: MIT */
#include "fake_house.h"
#include "fake_memory.h"

#include <stdlib.h>

#include "hub/auth.h"
#include "hub/revocations.h"
#include "hub/tenants.h"
#include "worker/documents.h"

struct fixture {
    struct fake_house *house;
    struct tg_document_store *store;
    struct tg_documents documents;
    uint32_t errors;
};

static void on_line(void *self, enum tg_log_level level, struct tg_str line)
{
    struct fixture *f = self;

    (void)line;
    f->errors += level == TG_LOG_LEVEL_ERROR;
}

static int set_up(void **state)
{
    static const char *const settings[] = {"tenants.file=tenants.lua", "auth.jwks.file=keys.json",
                                           NULL};
    struct fixture *f = calloc(1, sizeof(*f));

    f->house = fake_house_create(settings);
    f->store = tg_document_create();
    assert_non_null(f->store);
    tg_log_set_sink(on_line, f);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_documents_stop(&f->documents);
    fake_house_destroy(f->house);
    tg_document_destroy(f->store);
    tg_log_set_sink(NULL, NULL);
    free(f);
    return 0;
}

static void publish(struct fixture *f, enum tg_document which, const char *text)
{
    assert_int_equal(tg_document_publish(f->store, which, tg_str_of(text)), TG_OK);
}

static bool is_revoked(struct fixture *f, const char *sub)
{
    const struct tg_bearer bearer = {.sub = tg_str_of(sub)};

    return tg_revocations_hit(&f->house->hub, &bearer);
}

static void what_is_published_at_the_start_is_taken_over_at_once(void **state)
{
    struct fixture *f = *state;

    publish(f, TG_DOCUMENT_TENANTS, "acme\tactive\tAcme\nold\tsuspended\t\n");
    publish(f, TG_DOCUMENT_REVOCATIONS, "sub alice\n");
    tg_documents_start(&f->documents, &f->house->hub, f->store);
    assert_int_equal(tg_tenants_state(&f->house->hub, TG_STR("acme")), TG_TENANT_ACTIVE);
    assert_int_equal(tg_tenants_state(&f->house->hub, TG_STR("old")), TG_TENANT_SUSPENDED);
    assert_int_equal(tg_tenants_state(&f->house->hub, TG_STR("x")), TG_TENANT_UNKNOWN);
    assert_true(is_revoked(f, "alice"));
    assert_false(is_revoked(f, "bob"));
    assert_int_equal(f->errors, 0);
}

static void what_is_published_later_is_taken_over_by_the_next_look(void **state)
{
    struct fixture *f = *state;

    tg_documents_start(&f->documents, &f->house->hub, f->store);
    assert_int_equal(tg_tenants_state(&f->house->hub, TG_STR("acme")), TG_TENANT_UNKNOWN);
    publish(f, TG_DOCUMENT_TENANTS, "acme\tactive\tAcme\n");
    publish(f, TG_DOCUMENT_REVOCATIONS, "sub alice\n");
    fake_house_advance(f->house, TG_DOCUMENTS_LOOK_MS);
    assert_int_equal(tg_tenants_state(&f->house->hub, TG_STR("acme")), TG_TENANT_ACTIVE);
    assert_true(is_revoked(f, "alice"));
    publish(f, TG_DOCUMENT_REVOCATIONS, "");
    fake_house_advance(f->house, TG_DOCUMENTS_LOOK_MS);
    assert_false(is_revoked(f, "alice"));
}

static void a_refused_text_leaves_what_was_there_and_is_told_once(void **state)
{
    struct fixture *f = *state;

    publish(f, TG_DOCUMENT_REVOCATIONS, "sub alice\n");
    tg_documents_start(&f->documents, &f->house->hub, f->store);
    publish(f, TG_DOCUMENT_REVOCATIONS, "nonsense\n");
    fake_house_advance(f->house, TG_DOCUMENTS_LOOK_MS * 5);
    assert_true(is_revoked(f, "alice"));
    assert_int_equal(f->errors, 1);
    publish(f, TG_DOCUMENT_REVOCATIONS, "sub bob\n");
    fake_house_advance(f->house, TG_DOCUMENTS_LOOK_MS);
    assert_true(is_revoked(f, "bob"));
    assert_false(is_revoked(f, "alice"));
}

static void short_of_memory_it_is_tried_again(void **state)
{
    struct fixture *f = *state;

    tg_documents_start(&f->documents, &f->house->hub, f->store);
    publish(f, TG_DOCUMENT_REVOCATIONS, "sub alice\n");
    fake_memory_fail_after(0);
    tg_documents_look(&f->documents);
    assert_true(fake_memory_heal());
    assert_false(is_revoked(f, "alice"));
    assert_int_equal(f->errors, 1);
    tg_documents_look(&f->documents);
    assert_true(is_revoked(f, "alice"));
}

static void try_token(struct fixture *f, const char *token)
{
    struct tg_token verified;
    const char *why = NULL;

    assert_int_equal(
        tg_auth_verify(f->house->hub.auth, tg_str_of(token), f->house->wall_ms, &verified, &why),
        TG_ERR_DENIED);
}

static void keys_are_wanted_when_a_token_names_one_that_nobody_has(void **state)
{
    /* The key of RFC 7517 appendix A.1; tokens by kid 1 and 2, without a good signature. */
    static const char keys[] = "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"kid\":\"1\","
                               "\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","
                               "\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\"}]}";
    static const char by_1[] =
        "eyJhbGciOiJFUzI1NiIsImtpZCI6IjEifQ.eyJleHAiOjQwMDAwMDAwMDB9."
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    static const char by_2[] =
        "eyJhbGciOiJFUzI1NiIsImtpZCI6IjIifQ.eyJleHAiOjQwMDAwMDAwMDB9."
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    struct fixture *f = *state;
    const struct tg_page *page = f->house->page;

    publish(f, TG_DOCUMENT_JWKS, keys);
    tg_documents_start(&f->documents, &f->house->hub, f->store);
    try_token(f, by_1);
    fake_house_advance(f->house, TG_DOCUMENTS_LOOK_MS);
    assert_int_equal(atomic_load(&page->keys_wanted), 0);
    try_token(f, by_2);
    try_token(f, by_2);
    fake_house_advance(f->house, TG_DOCUMENTS_LOOK_MS);
    assert_int_equal(atomic_load(&page->keys_wanted), 1);
    fake_house_advance(f->house, TG_DOCUMENTS_LOOK_MS * 3);
    assert_int_equal(atomic_load(&page->keys_wanted), 1);
    publish(f, TG_DOCUMENT_JWKS, "{\"keys\":[]}");
    fake_house_advance(f->house, TG_DOCUMENTS_LOOK_MS);
    assert_int_equal(f->errors, 1);
    try_token(f, by_1);
    fake_house_advance(f->house, TG_DOCUMENTS_LOOK_MS);
    assert_int_equal(atomic_load(&page->keys_wanted), 1);
}

static void without_a_store_nothing_is_done(void **state)
{
    struct fixture *f = *state;

    tg_documents_start(&f->documents, &f->house->hub, NULL);
    fake_house_advance(f->house, TG_DOCUMENTS_LOOK_MS * 2);
    assert_int_equal(tg_tenants_state(&f->house->hub, TG_STR("acme")), TG_TENANT_UNKNOWN);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_published_at_the_start_is_taken_over_at_once),
        TEST(what_is_published_later_is_taken_over_by_the_next_look),
        TEST(a_refused_text_leaves_what_was_there_and_is_told_once),
        TEST(short_of_memory_it_is_tried_again),
        TEST(keys_are_wanted_when_a_token_names_one_that_nobody_has),
        TEST(without_a_store_nothing_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
