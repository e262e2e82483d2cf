/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/config.h"

struct fixture {
    struct tg_config config;
    struct tg_errmsg msg;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_int_equal(tg_config_init(&f->config), TG_OK);
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

static void set(struct fixture *f, const char *key, const char *value)
{
    if (tg_config_set(&f->config, key, tg_str_of(value), &f->msg) != TG_OK) {
        fail_msg("%s", f->msg.text);
    }
}

static void assert_valid(struct fixture *f)
{
    if (tg_config_validate(&f->config, &f->msg) != TG_OK) {
        fail_msg("%s", f->msg.text);
    }
}

static void assert_invalid(struct fixture *f, const char *text)
{
    assert_int_equal(tg_config_validate(&f->config, &f->msg), TG_ERR_INVALID);
    assert_string_equal(f->msg.text, text);
}

static void the_shortest_retry_after_is_not_above_the_longest(void **state)
{
    struct fixture *f = *state;

    set(f, "limits.retry_after_min", "30s");
    assert_valid(f);
    set(f, "limits.retry_after_min", "31s");
    assert_invalid(f, "limits.retry_after_min: expected at most limits.retry_after_max");
}

static void a_burst_of_handshakes_stands_beside_their_rate(void **state)
{
    struct fixture *f = *state;

    set(f, "limits.handshake_burst", "9");
    assert_invalid(f, "limits.handshake_burst: expected a limits.handshakes_per_second above 0 "
                      "beside it");
    set(f, "limits.handshakes_per_second", "3");
    assert_valid(f);
    set(f, "limits.handshakes_per_second", "0");
    set(f, "limits.handshake_burst", "auto");
    assert_valid(f);
}

static void silent_clients_that_answer_pings_are_not_reaped(void **state)
{
    struct fixture *f = *state;

    set(f, "limits.idle_timeout", "25s");
    assert_invalid(f, "limits.idle_timeout: expected 0 or more than limits.ping_interval, or "
                      "silent clients that answer every ping are closed");
    set(f, "limits.idle_timeout", "26s");
    assert_valid(f);
    set(f, "limits.idle_timeout", "0");
    assert_valid(f);
    set(f, "limits.idle_timeout", "1s");
    set(f, "limits.ping_interval", "0");
    assert_valid(f);
}

static void the_log_level_is_one_of_four(void **state)
{
    struct fixture *f = *state;

    set(f, "log.level", "debug");
    assert_valid(f);
    set(f, "log.level", "verbose");
    assert_invalid(f, "log.level: expected error, warn, info or debug");
}

static void a_key_has_a_secret_or_a_public_key(void **state)
{
    struct fixture *f = *state;

    set(f, "auth.keys[1].kid", "k1");
    assert_invalid(f, "auth.keys[1]: expected one of secret, public_key_file and public_key, got "
                      "none");
    set(f, "auth.keys[1].secret", "0123456789abcdef0123456789abcdef");
    assert_valid(f);
    set(f, "auth.keys[2].alg", "RS256");
    assert_invalid(f, "auth.keys[2]: expected one of secret, public_key_file and public_key, got "
                      "none");
}

static void a_jwk_set_has_one_source(void **state)
{
    struct fixture *f = *state;

    set(f, "auth.jwks.url", "https://id.example/jwks.json");
    assert_valid(f);
    set(f, "auth.jwks.file", "jwks.json");
    assert_invalid(f, "auth.jwks: expected one of url and file, got both");
}

static void sources_of_tokens_are_known_ones(void **state)
{
    struct fixture *f = *state;

    set(f, "auth.sources", "none");
    assert_valid(f);
    set(f, "auth.sources", "query,header,cookie,subprotocol");
    assert_valid(f);
    set(f, "auth.sources", "header,Cookie");
    assert_invalid(f, "auth.sources[2]: expected header, cookie, subprotocol or query");
    set(f, "auth.sources", "header");
    set(f, "auth.cookie", "access token");
    assert_invalid(f, "auth.cookie: expected the name of a cookie");
}

static void addresses_are_there_and_whole(void **state)
{
    struct fixture *f = *state;

    set(f, "listen[2].address", "::1");
    assert_invalid(f, "listen[2].port: missing");
    set(f, "listen[2].port", "0");
    assert_valid(f);
    set(f, "listen[3].port", "7");
    assert_invalid(f, "listen[3].address: missing");
    f->config.listen_count = 0;
    assert_invalid(f, "listen: expected at least one address");
}

static void an_address_is_taken_once(void **state)
{
    struct fixture *f = *state;

    set(f, "listen", "127.0.0.1:80,127.0.0.2:80,127.0.0.1:80");
    assert_invalid(f, "listen: 127.0.0.1 port 80 is there twice");
    set(f, "listen", "127.0.0.1:0,127.0.0.1:0");
    assert_valid(f);
    set(f, "listen", "127.0.0.1:9090");
    assert_invalid(f, "admin: 127.0.0.1 port 9090 is taken by listen");
    set(f, "admin", "off");
    assert_valid(f);
}

static void a_certificate_and_its_key_stand_together(void **state)
{
    struct fixture *f = *state;

    set(f, "listen[2]", "127.0.0.1:8443");
    set(f, "listen[2].tls.certificate", "tls.crt");
    assert_invalid(f, "listen[2].tls.key: missing beside a certificate");
    set(f, "listen[2].tls.key", "tls.key");
    assert_valid(f);
    set(f, "listen[1].tls.key", "tls.key");
    assert_invalid(f, "listen[1].tls.certificate: missing beside a key");
}

static void every_control_frame_fits_into_the_queue(void **state)
{
    struct fixture *f = *state;

    f->config.outbound_bytes = 135;
    assert_valid(f);
    f->config.outbound_bytes = 134;
    assert_invalid(f, "limits.outbound_bytes: expected at least 135");
}

static void the_tenant_header_is_a_token(void **state)
{
    struct fixture *f = *state;

    set(f, "tenants.header", "X-Tenant.1!");
    assert_valid(f);
    set(f, "tenants.header", "x tenant");
    assert_invalid(f, "tenants.header: expected the name of a request header");
    set(f, "tenants.header", "x-tenant:");
    assert_invalid(f, "tenants.header: expected the name of a request header");
    set(f, "tenants.header", "x-t\xc3\xa4nant");
    assert_invalid(f, "tenants.header: expected the name of a request header");
}

static void tenants_have_known_sources_and_a_well_formed_fallback(void **state)
{
    struct fixture *f = *state;

    set(f, "tenants.sources", "claim,header");
    assert_valid(f);
    set(f, "tenants.sources", "header,cookie");
    assert_invalid(f, "tenants.sources[2]: expected header, subdomain or claim");
    set(f, "tenants.sources", "header,claim,header");
    assert_invalid(f, "tenants.sources: header is there twice");
    set(f, "tenants.sources", "header,subdomain");
    assert_invalid(f, "tenants.base_domain: missing beside the source subdomain");
    set(f, "tenants.base_domain", ".rt.example");
    assert_invalid(f, "tenants.base_domain: expected a domain such as \"rt.example\"");
    set(f, "tenants.base_domain", "rt.example:80");
    assert_invalid(f, "tenants.base_domain: expected a domain such as \"rt.example\"");
    set(f, "tenants.base_domain", "rt.example");
    assert_valid(f);
    set(f, "tenants.sources", "none");
    assert_valid(f);
    set(f, "tenants.fallback", "Public");
    assert_invalid(f, "tenants.fallback: expected 1 to 63 of a-z 0-9 _ -");
    set(f, "tenants.fallback", "public");
    assert_valid(f);
}

static void proxies_are_addresses_and_ranges(void **state)
{
    struct fixture *f = *state;

    set(f, "proxy_protocol", "10.0.0.0/8, 192.0.2.7");
    set(f, "trusted_proxies", "2001:db8::/32");
    assert_valid(f);
    set(f, "proxy_protocol", "balancer.example");
    assert_invalid(f, "proxy_protocol: expected addresses or ranges such as \"192.0.2.7\" or "
                      "\"10.0.0.0/8\", with no bit set behind the range's own, got "
                      "balancer.example");
    set(f, "proxy_protocol", "none");
    set(f, "trusted_proxies", "10.0.0.1/8");
    assert_invalid(f, "trusted_proxies: expected addresses or ranges such as \"192.0.2.7\" or "
                      "\"10.0.0.0/8\", with no bit set behind the range's own, got 10.0.0.1/8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(the_shortest_retry_after_is_not_above_the_longest),
        TEST(tenants_have_known_sources_and_a_well_formed_fallback),
        TEST(a_burst_of_handshakes_stands_beside_their_rate),
        TEST(silent_clients_that_answer_pings_are_not_reaped),
        TEST(the_log_level_is_one_of_four),
        TEST(a_key_has_a_secret_or_a_public_key),
        TEST(a_jwk_set_has_one_source),
        TEST(sources_of_tokens_are_known_ones),
        TEST(addresses_are_there_and_whole),
        TEST(an_address_is_taken_once),
        TEST(a_certificate_and_its_key_stand_together),
        TEST(every_control_frame_fits_into_the_queue),
        TEST(the_tenant_header_is_a_token),
        TEST(proxies_are_addresses_and_ranges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
