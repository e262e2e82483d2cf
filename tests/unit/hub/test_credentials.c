/* SPDX-License-Identifier: MIT */
#include "fake_house.h"

#include <stdlib.h>

#include "fake_memory.h"
#include "hub/credentials.h"

struct fixture {
    struct tg_config config;
    struct tg_header headers[8];
    struct tg_handshake request;
    struct tg_credentials found;
    const char *why;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_int_equal(tg_config_init(&f->config), TG_OK);
    f->request.headers = f->headers;
    f->request.path = TG_STR("/chat");
    f->request.query = TG_STR("");
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_config_fini(&f->config);
    free(f);
    return 0;
}

static void set_sources(struct fixture *f, const char *sources)
{
    struct tg_errmsg msg;

    assert_int_equal(tg_config_set(&f->config, "auth.sources", tg_str_of(sources), &msg), TG_OK);
}

static void add(struct fixture *f, const char *name, const char *value)
{
    f->headers[f->request.header_count++] =
        (struct tg_header){.name = tg_str_of(name), .value = tg_str_of(value)};
}

/* The token that is found (NULL: none), or a denial with this word; forgets the headers. */
static void expect(struct fixture *f, const char *token, const char *denial)
{
    int err = tg_credentials_find(&f->config, &f->request, &f->found, &f->why);

    if (err != (denial ? TG_ERR_DENIED : TG_OK)) {
        fail_msg("got %d %s", err, f->why);
    }
    if (denial) {
        assert_string_equal(f->why, denial);
    } else if (!tg_str_is(f->found.token, tg_str_of(token)) || !f->found.token.at != !token) {
        fail_msg("got \"%.*s\", not %s", TG_STR_ARGS(f->found.token), token ? token : "none");
    }
    tg_credentials_fini(&f->found);
    f->request.header_count = 0;
}

static void expect_query(struct fixture *f, const char *query, const char *left)
{
    f->request.query = tg_str_of(query);
    (void)tg_credentials_find(&f->config, &f->request, &f->found, &f->why);
    if (!tg_str_is(f->found.query, tg_str_of(left))) {
        fail_msg("%s: \"%.*s\" is left", query, TG_STR_ARGS(f->found.query));
    }
    tg_credentials_fini(&f->found);
}

static void a_bearer_token_stands_in_the_one_authorization_header(void **state)
{
    struct fixture *f = *state;

    expect(f, NULL, NULL);
    add(f, "authorization", "Bearer a.b.c");
    expect(f, "a.b.c", NULL);
    add(f, "AUTHORIZATION", "bEARER   a.b.c");
    expect(f, "a.b.c", NULL);
    add(f, "Authorization", "Basic YTpi");
    expect(f, NULL, "authorization");
    add(f, "Authorization", "Bearera.b.c");
    expect(f, NULL, "authorization");
    add(f, "Authorization", "");
    expect(f, NULL, "authorization");
    add(f, "Authorization", "Bearer a.b.c");
    add(f, "authorization", "Bearer a.b.c");
    expect(f, NULL, "authorization");
    add(f, "Authorization", "Bearer ");
    expect(f, "", NULL);
}

static void a_cookie_is_found_by_its_exact_name(void **state)
{
    struct fixture *f = *state;

    add(f, "Cookie", "a=1; access_token=a.b.c; z");
    expect(f, "a.b.c", NULL);
    add(f, "cookie", "access_token=\"a.b.c\"");
    expect(f, "a.b.c", NULL);
    add(f, "Cookie", "a=1;access_token=a=b");
    expect(f, "a=b", NULL);
    add(f, "Cookie", "Access_Token=x; xaccess_token=y; access_token; access_token2=z; ;=;");
    expect(f, NULL, NULL);
    add(f, "Cookie", "access_token=");
    expect(f, "", NULL);
    add(f, "Cookie", "access_token=\"");
    expect(f, "\"", NULL);
    add(f, "Cookie", "access_token=a.b.c; access_token=a.b.c");
    expect(f, NULL, "cookie");
    add(f, "Cookie", "access_token=a.b.c");
    add(f, "Cookie", "access_token=d.e.f");
    expect(f, NULL, "cookie");
    free(f->config.auth_cookie);
    f->config.auth_cookie = strdup("session");
    add(f, "Cookie", "access_token=a.b.c; session=d.e.f");
    expect(f, "d.e.f", NULL);
}

static void a_subprotocol_may_bear_the_token(void **state)
{
    struct fixture *f = *state;

    add(f, "Sec-WebSocket-Protocol", "tidegate.v1, bearer.a.b.c");
    expect(f, "a.b.c", NULL);
    add(f, "Sec-WebSocket-Protocol", "tidegate.v1");
    add(f, "sec-websocket-protocol", "  bearer.a.b.c  ,x");
    expect(f, "a.b.c", NULL);
    add(f, "Sec-WebSocket-Protocol", "Bearer.a.b.c, bearer, xbearer.a");
    expect(f, NULL, NULL);
    add(f, "Sec-WebSocket-Protocol", "bearer.");
    expect(f, "", NULL);
    add(f, "Sec-WebSocket-Protocol", "bearer.a.b.c, bearer.a.b.c");
    expect(f, NULL, "subprotocol");
}

static void the_query_may_bear_the_token_when_switched_on(void **state)
{
    struct fixture *f = *state;

    f->request.query = TG_STR("room=1&access_token=a.b.c");
    expect(f, NULL, NULL);
    set_sources(f, "query");
    expect(f, "a.b.c", NULL);
    f->request.query = TG_STR("%61ccess%5Ftoken=%61.b%2Ec");
    expect(f, "a.b.c", NULL);
    f->request.query = TG_STR("access_token=a%2");
    expect(f, NULL, "query");
    f->request.query = TG_STR("access_token=a%zz");
    expect(f, NULL, "query");
    f->request.query = TG_STR("access_token=a&access_token=a");
    expect(f, NULL, "query");
    f->request.query = TG_STR("access_token");
    expect(f, "", NULL);
    f->request.query = TG_STR("access_token=a+b%26=");
    expect(f, "a+b&=", NULL);
}

static void no_token_stays_in_the_query(void **state)
{
    static const char *const sources[] = {"query", "header", "none"};
    struct fixture *f = *state;

    for (size_t i = 0; i < 3; i++) {
        set_sources(f, sources[i]);
        expect_query(f, "", "");
        expect_query(f, "a=1&b=2", "a=1&b=2");
        expect_query(f, "access_token=t", "");
        expect_query(f, "a=1&access_token=t&b=2", "a=1&b=2");
        expect_query(f, "access_token=t&a=1", "a=1");
        expect_query(f, "a=1&access_token=t&access_token=u", "a=1");
        expect_query(f, "%61%63%63%65%73%73%5f%74%6F%6b%65%6e=t&a=1", "a=1");
        expect_query(f, "access_token", "");
        expect_query(f, "&&access_token=t&", "");
        expect_query(f, "access_tokens=t&access%5=t", "access_tokens=t&access%5=t");
    }
}

static void the_first_source_counts_and_no_other(void **state)
{
    struct fixture *f = *state;

    set_sources(f, "query,subprotocol,cookie,header");
    f->request.query = TG_STR("access_token=from-query");
    add(f, "Sec-WebSocket-Protocol", "bearer.from-subprotocol");
    add(f, "Cookie", "access_token=from-cookie");
    add(f, "Authorization", "Bearer from-header");
    expect(f, "from-header", NULL);
    add(f, "Sec-WebSocket-Protocol", "bearer.from-subprotocol");
    add(f, "Cookie", "access_token=from-cookie");
    expect(f, "from-cookie", NULL);
    add(f, "Sec-WebSocket-Protocol", "bearer.from-subprotocol");
    expect(f, "from-subprotocol", NULL);
    expect(f, "from-query", NULL);
    add(f, "Cookie", "access_token=from-cookie");
    add(f, "Authorization", "Basic YTpi");
    expect(f, NULL, "authorization");
}

static void a_source_that_is_off_is_not_looked_at(void **state)
{
    struct fixture *f = *state;

    set_sources(f, "cookie");
    add(f, "Authorization", "Basic YTpi");
    expect(f, NULL, NULL);
    set_sources(f, "header");
    add(f, "Cookie", "access_token=a.b.c; access_token=d");
    expect(f, NULL, NULL);
    add(f, "Sec-WebSocket-Protocol", "tidegate.v1, bearer.a.b.c");
    expect(f, NULL, "token_in_subprotocol");
    add(f, "Sec-WebSocket-Protocol", "tidegate.v1, bearer.a.b.c");
    add(f, "Authorization", "Bearer d.e.f");
    expect(f, "d.e.f", NULL);
}

static void a_failing_allocation_is_told(void **state)
{
    struct fixture *f = *state;

    f->request.query = TG_STR("access_token=t");
    fake_memory_fail_after(0);
    assert_int_equal(tg_credentials_find(&f->config, &f->request, &f->found, &f->why),
                     TG_ERR_NOMEM);
    assert_true(fake_memory_heal());
    tg_credentials_fini(&f->found);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_bearer_token_stands_in_the_one_authorization_header),
        TEST(a_cookie_is_found_by_its_exact_name),
        TEST(a_subprotocol_may_bear_the_token),
        TEST(the_query_may_bear_the_token_when_switched_on),
        TEST(no_token_stays_in_the_query),
        TEST(the_first_source_counts_and_no_other),
        TEST(a_source_that_is_off_is_not_looked_at),
        TEST(a_failing_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
