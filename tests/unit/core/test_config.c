/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <stdio.h>
#include <unistd.h>

#include "core/config.h"

struct fixture {
    struct tg_config config;
    struct tg_errmsg msg;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_int_equal(clearenv(), 0);
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

static int set(struct fixture *f, const char *key, const char *value)
{
    memset(&f->msg, 0, sizeof(f->msg));
    return tg_config_set(&f->config, key, tg_str_of(value), &f->msg);
}

static void assert_sets(struct fixture *f, const char *key, const char *value)
{
    if (set(f, key, value) != TG_OK) {
        fail_msg("%s", f->msg.text);
    }
}

static void assert_refuses(struct fixture *f, const char *key, const char *value, const char *text)
{
    assert_int_equal(set(f, key, value), TG_ERR_INVALID);
    assert_string_equal(f->msg.text, text);
}

static void assert_unknown(struct fixture *f, const char *key, const char *text)
{
    assert_int_equal(set(f, key, "1"), TG_ERR_NOT_FOUND);
    assert_string_equal(f->msg.text, text);
}

static void assert_listens(const struct fixture *f, uint32_t index, const char *host, uint16_t port)
{
    assert_true(index < f->config.listen_count);
    assert_string_equal(f->config.listen[index].host, host);
    assert_int_equal(f->config.listen[index].port, port);
}

static void the_defaults_are_those_of_the_table(void **state)
{
    struct fixture *f = *state;
    const struct tg_config *config = &f->config;

    assert_int_equal(config->listen_count, 1);
    assert_listens(f, 0, "127.0.0.1", 8080);
    assert_string_equal(config->admin.host, "127.0.0.1");
    assert_int_equal(config->admin.port, 9090);
    assert_string_equal(config->gateways, "gateways");
    assert_int_equal(config->auth_keys.count, 0);
    assert_true(config->auth_require_exp);
    assert_int_equal(config->workers, 0);
    assert_int_equal(config->max_connections, 10000);
    assert_int_equal(config->message_bytes, 65536);
    assert_int_equal(config->ping_interval_ms, 25000);
    assert_int_equal(config->script_memory, 64 << 20);
    assert_int_equal(tg_config_validate(config, &f->msg), TG_OK);
}

static void every_default_can_be_set_and_every_row_says_its_form(void **state)
{
    struct fixture *f = *state;
    uint32_t count;
    const struct tg_config_key *keys = tg_config_keys(&count);

    assert_true(count > 30);
    for (uint32_t i = 0; i < count; i++) {
        assert_true(strlen(keys[i].form) > 0);
        assert_true(strlen(keys[i].help) > 0);
        assert_memory_equal(keys[i].env, "TIDEGATE_", 9);
        if (keys[i].standard) {
            assert_sets(f, keys[i].key, keys[i].standard);
        }
        for (uint32_t j = 0; j < i; j++) {
            assert_string_not_equal(keys[i].key, keys[j].key);
            assert_string_not_equal(keys[i].env, keys[j].env);
        }
    }
}

static void each_type_is_read_into_its_field(void **state)
{
    struct fixture *f = *state;

    assert_sets(f, "limits.max_connections", "5");
    assert_int_equal(f->config.max_connections, 5);
    assert_sets(f, "workers", "64");
    assert_int_equal(f->config.workers, 64);
    assert_sets(f, "workers", "auto");
    assert_int_equal(f->config.workers, 0);
    assert_sets(f, "auth.require_exp", "false");
    assert_false(f->config.auth_require_exp);
    assert_sets(f, "limits.outbound_bytes", "2MiB");
    assert_int_equal(f->config.outbound_bytes, 2 << 20);
    assert_sets(f, "limits.ping_interval", "250ms");
    assert_int_equal(f->config.ping_interval_ms, 250);
    assert_sets(f, "limits.ping_interval", "0");
    assert_int_equal(f->config.ping_interval_ms, 0);
    assert_sets(f, "auth.issuer", "https://id.example");
    assert_string_equal(f->config.auth_issuer, "https://id.example");
    assert_sets(f, "auth.issuer", "another");
    assert_string_equal(f->config.auth_issuer, "another");
}

static void a_wrong_value_says_what_was_expected_and_changes_nothing(void **state)
{
    struct fixture *f = *state;

    assert_refuses(f, "limits.ping_interval", "25",
                   "limits.ping_interval: expected a duration such as \"250ms\", \"5s\", \"10m\" "
                   "or 0, got \"25\"");
    assert_int_equal(f->config.ping_interval_ms, 25000);
    assert_refuses(f, "limits.write_deadline", "soon",
                   "limits.write_deadline: expected a duration such as \"250ms\", \"5s\" or "
                   "\"10m\", got \"soon\"");
    assert_refuses(f, "limits.max_connections", "many",
                   "limits.max_connections: expected a number from 0 to 1000000, got \"many\"");
    assert_refuses(f, "limits.max_connections", "1000001",
                   "limits.max_connections: expected a number from 0 to 1000000, got \"1000001\"");
    assert_int_equal(f->config.max_connections, 10000);
    assert_refuses(f, "limits.handshake_timeout", "5ms",
                   "limits.handshake_timeout: expected a duration from 100ms to 10m, got \"5ms\"");
    assert_refuses(f, "limits.outbound_bytes", "1GiB",
                   "limits.outbound_bytes: expected a size from 1KiB to 256MiB, got \"1GiB\"");
    assert_refuses(f, "limits.outbound_bytes", "1MB",
                   "limits.outbound_bytes: expected octets such as 65536, \"64KiB\" or \"1MiB\", "
                   "got \"1MB\"");
    assert_refuses(f, "workers", "0", "workers: expected auto or a number from 1 to 64, got \"0\"");
    assert_refuses(f, "workers", "65",
                   "workers: expected auto or a number from 1 to 64, got \"65\"");
    assert_refuses(f, "workers", "all",
                   "workers: expected auto or a number from 1 to 64, got \"all\"");
    assert_refuses(f, "auth.require_exp", "yes",
                   "auth.require_exp: expected true or false, got \"yes\"");
    assert_refuses(f, "gateways", "", "gateways: expected a text that is not empty");
    assert_refuses(f, "gateways", "a\nb", "gateways: expected a text without control characters");
    assert_string_equal(f->config.gateways, "gateways");
}

static void a_strange_value_is_shown_cut_and_escaped(void **state)
{
    struct fixture *f = *state;
    char large[1000];

    assert_refuses(f, "limits.rooms", "a\n\"b",
                   "limits.rooms: expected a number from 1 to 10000000, got \"a\\x0a\\\"b\"");
    memset(large, 'x', sizeof(large) - 1);
    large[sizeof(large) - 1] = '\0';
    assert_int_equal(set(f, "limits.rooms", large), TG_ERR_INVALID);
    assert_true(strlen(f->msg.text) < 200);
    assert_non_null(strstr(f->msg.text, "xxx...\""));
}

static void a_value_has_a_largest_length(void **state)
{
    struct fixture *f = *state;
    char large[TG_CONFIG_TEXT_MAX + 2];

    memset(large, 'x', sizeof(large));
    large[TG_CONFIG_TEXT_MAX] = '\0';
    assert_sets(f, "auth.audience", large);
    assert_int_equal(strlen(f->config.auth_audience), TG_CONFIG_TEXT_MAX);
    large[TG_CONFIG_TEXT_MAX] = 'x';
    large[TG_CONFIG_TEXT_MAX + 1] = '\0';
    assert_refuses(f, "auth.audience", large, "auth.audience: expected at most 4096 octets");
}

static void a_secret_is_never_shown(void **state)
{
    struct fixture *f = *state;
    static const char *const secrets[] = {"hush\nhush", "", "hush\x01"};
    char large[TG_CONFIG_TEXT_MAX + 2];

    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(set(f, "auth.keys[1].secret", secrets[i]), TG_ERR_INVALID);
        assert_null(strstr(f->msg.text, "hush"));
    }
    memset(large, 'h', sizeof(large) - 1);
    large[sizeof(large) - 1] = '\0';
    assert_int_equal(set(f, "auth.keys[1].secret", large), TG_ERR_INVALID);
    assert_null(strstr(f->msg.text, "hhhh"));
    assert_int_equal(set(f, "auth.keys[2].secret", "hush"), TG_ERR_INVALID);
    assert_null(strstr(f->msg.text, "hush"));
    assert_int_equal(set(f, "auth.keys[1].secrets", "hush"), TG_ERR_NOT_FOUND);
    assert_null(strstr(f->msg.text, "hush"));
    assert_sets(f, "auth.keys[1].secret", "hush hush");
    assert_sets(f, "auth.keys[1].public_key", "key");
    assert_int_equal(tg_config_validate(&f->config, &f->msg), TG_ERR_INVALID);
    assert_null(strstr(f->msg.text, "hush"));
}

static void an_unknown_key_names_the_nearest_one(void **state)
{
    struct fixture *f = *state;

    assert_unknown(f, "limits.ping_intervall",
                   "limits.ping_intervall: unknown key, the nearest is limits.ping_interval");
    assert_unknown(f, "limit.rooms", "limit.rooms: unknown key, the nearest is limits.rooms");
    assert_unknown(f, "limits.romos", "limits.romos: unknown key, the nearest is limits.rooms");
    assert_unknown(f, "max_connection",
                   "max_connection: unknown key, the nearest is limits.max_connections");
    assert_unknown(f, "auth.keys[2].kidd",
                   "auth.keys[2].kidd: unknown key, the nearest is auth.keys[1].kid");
    assert_unknown(f, "admin.adress", "admin.adress: unknown key, the nearest is admin.address");
    assert_unknown(f, "listen[1].prot",
                   "listen[1].prot: unknown key, the nearest is listen[1].port");
    assert_unknown(f, "gateway", "gateway: unknown key, the nearest is gateways");
    assert_unknown(f, "tls.certificate",
                   "tls.certificate: unknown key, the nearest is listen[1].tls.certificate");
    assert_unknown(f, "broker.cluster", "broker.cluster: unknown key");
    assert_unknown(f, "", "\"\": unknown key");
    assert_unknown(f, "a b\n", "\"a b\\x0a\": unknown key");
    assert_null(tg_config_nearest(TG_STR("something.else.entirely")));
}

static void a_listen_text_takes_the_place_of_all_addresses(void **state)
{
    struct fixture *f = *state;

    assert_sets(f, "listen", "127.0.0.1:1, [::1]:2,0.0.0.0:0");
    assert_int_equal(f->config.listen_count, 3);
    assert_listens(f, 0, "127.0.0.1", 1);
    assert_listens(f, 1, "::1", 2);
    assert_listens(f, 2, "0.0.0.0", 0);
    assert_sets(f, "listen", "127.0.0.1:5");
    assert_int_equal(f->config.listen_count, 1);
    assert_listens(f, 0, "127.0.0.1", 5);
}

static void a_list_with_one_wrong_address_changes_nothing(void **state)
{
    struct fixture *f = *state;

    assert_refuses(f, "listen", "127.0.0.1:1,nowhere:2",
                   "listen: expected addresses such as \"127.0.0.1:8080\" or \"[::1]:8080\", got "
                   "\"nowhere:2\"");
    assert_refuses(f, "listen", "127.0.0.1:1,",
                   "listen: expected addresses such as \"127.0.0.1:8080\" or \"[::1]:8080\", got "
                   "\"\"");
    assert_refuses(f, "listen", "[::1]:1,[::1]:2,[::1]:3,[::1]:4,[::1]:5,[::1]:6,[::1]:7,[::1]:8,x",
                   "listen: expected at most 8 addresses");
    assert_int_equal(f->config.listen_count, 1);
    assert_listens(f, 0, "127.0.0.1", 8080);
}

static void the_file_gives_addresses_in_parts(void **state)
{
    struct fixture *f = *state;

    assert_sets(f, "listen[1].address", "0.0.0.0");
    assert_sets(f, "listen[1].port", "80");
    assert_sets(f, "listen[2].port", "81");
    assert_sets(f, "listen[2].address", "::");
    assert_sets(f, "listen[3]", "[::1]:82");
    assert_int_equal(f->config.listen_count, 3);
    assert_listens(f, 0, "0.0.0.0", 80);
    assert_listens(f, 1, "::", 81);
    assert_listens(f, 2, "::1", 82);
    assert_int_equal(tg_config_validate(&f->config, &f->msg), TG_OK);
    assert_sets(f, "admin.address", "::1");
    assert_sets(f, "admin.port", "0");
    assert_string_equal(f->config.admin.host, "::1");
    assert_int_equal(f->config.admin.port, 0);
}

static void a_wrong_part_is_refused(void **state)
{
    struct fixture *f = *state;

    assert_refuses(f, "listen[1].address", "localhost",
                   "listen[1].address: expected an IP address such as \"0.0.0.0\" or \"::1\", got "
                   "\"localhost\"");
    assert_refuses(f, "listen[2].port", "65536",
                   "listen[2].port: expected a port from 0 to 65535, got \"65536\"");
    assert_refuses(f, "listen[3].port", "80",
                   "listen[3].port: expected a list of at most 8 addresses");
    assert_refuses(f, "listen[9].port", "80",
                   "listen[9].port: expected a list of at most 8 addresses");
    assert_refuses(f, "listen[2]", "80",
                   "listen[2]: expected an address such as \"127.0.0.1:8080\" or \"[::1]:8080\", "
                   "got \"80\"");
    assert_refuses(f, "admin.port", "x", "admin.port: expected a port from 0 to 65535, got \"x\"");
    assert_int_equal(f->config.listen_count, 1);
    assert_int_equal(set(f, "listen[0].port", "1"), TG_ERR_NOT_FOUND);
    assert_int_equal(set(f, "listen[1", "1"), TG_ERR_NOT_FOUND);
    assert_int_equal(set(f, "listen[1]port", "1"), TG_ERR_NOT_FOUND);
    assert_int_equal(set(f, "listen[].port", "1"), TG_ERR_NOT_FOUND);
    assert_int_equal(set(f, "admin.token", "1"), TG_ERR_NOT_FOUND);
}

static void a_listener_of_the_file_has_a_certificate_and_a_key(void **state)
{
    struct fixture *f = *state;

    assert_sets(f, "listen[1].tls.certificate", "first.crt");
    assert_sets(f, "listen[1].tls.certificate", "tls.crt");
    assert_sets(f, "listen[1].tls.key", "/etc/tls/tls.key");
    assert_sets(f, "listen[2].tls.key", "other.key");
    assert_sets(f, "listen[2].tls.certificate", "other.crt");
    assert_sets(f, "listen[2].address", "::1");
    assert_sets(f, "listen[2].port", "8443");
    assert_sets(f, "listen[3]", "127.0.0.1:80");
    assert_int_equal(f->config.listen_count, 3);
    assert_listens(f, 0, "127.0.0.1", 8080);
    assert_string_equal(f->config.listen_tls[0].certificate, "tls.crt");
    assert_string_equal(f->config.listen_tls[0].key, "/etc/tls/tls.key");
    assert_string_equal(f->config.listen_tls[1].certificate, "other.crt");
    assert_string_equal(f->config.listen_tls[1].key, "other.key");
    assert_null(f->config.listen_tls[2].certificate);
    assert_int_equal(tg_config_validate(&f->config, &f->msg), TG_OK);
}

static void a_listen_text_ends_tls(void **state)
{
    struct fixture *f = *state;

    assert_sets(f, "listen[1].tls.certificate", "tls.crt");
    assert_sets(f, "listen[1].tls.key", "tls.key");
    assert_sets(f, "listen", "127.0.0.1:8080");
    assert_null(f->config.listen_tls[0].certificate);
    assert_null(f->config.listen_tls[0].key);
}

static void a_wrong_part_of_tls_is_refused(void **state)
{
    struct fixture *f = *state;

    assert_refuses(f, "listen[1].tls.key", "",
                   "listen[1].tls.key: expected a text that is not empty");
    assert_refuses(f, "listen[2].tls.certificate", "a\nb",
                   "listen[2].tls.certificate: expected a text without control characters");
    assert_int_equal(f->config.listen_count, 1);
    assert_unknown(f, "listen[1].tls", "listen[1].tls: unknown key, the nearest is listen[1].port");
    assert_unknown(f, "listen[1].tls.keys",
                   "listen[1].tls.keys: unknown key, the nearest is listen[1].tls.key");
    assert_unknown(f, "listen[1].tls.certificat",
                   "listen[1].tls.certificat: unknown key, the nearest is "
                   "listen[1].tls.certificate");
}

static void the_admin_address_can_be_off(void **state)
{
    struct fixture *f = *state;

    assert_sets(f, "admin", "off");
    assert_string_equal(f->config.admin.host, "");
    assert_int_equal(f->config.admin.port, 0);
    assert_sets(f, "admin", "[::1]:9");
    assert_string_equal(f->config.admin.host, "::1");
    assert_refuses(f, "admin", "on",
                   "admin: expected an address such as \"127.0.0.1:9090\" or \"[::1]:9090\", or "
                   "\"off\", got \"on\"");
}

static void the_environment_is_read(void **state)
{
    struct fixture *f = *state;

    setenv("TIDEGATE_MAX_CONNECTIONS", "7", 1);
    setenv("TIDEGATE_LISTEN", "127.0.0.1:1,127.0.0.1:2", 1);
    setenv("TIDEGATE_AUTH_SECRET", "0123456789abcdef0123456789abcdef", 1);
    setenv("TIDEGATE_ADMIN_TOKEN", "of the file's own", 1);
    setenv("PATH", "/bin", 1);
    assert_int_equal(tg_config_read_environment(&f->config, &f->msg), TG_OK);
    assert_int_equal(f->config.max_connections, 7);
    assert_int_equal(f->config.listen_count, 2);
    assert_string_equal(f->config.auth_keys.items[0].secret, "0123456789abcdef0123456789abcdef");
}

static void a_wrong_variable_is_named(void **state)
{
    struct fixture *f = *state;

    setenv("TIDEGATE_MAX_CONNECTIONS", "lots", 1);
    assert_int_equal(tg_config_read_environment(&f->config, &f->msg), TG_ERR_INVALID);
    assert_string_equal(f->msg.text,
                        "TIDEGATE_MAX_CONNECTIONS: limits.max_connections: expected a number from "
                        "0 to 1000000, got \"lots\"");
}

static void a_misspelt_variable_is_refused(void **state)
{
    struct fixture *f = *state;

    setenv("TIDEGATE_MAX_CONECTION", "7", 1);
    assert_int_equal(tg_config_read_environment(&f->config, &f->msg), TG_ERR_NOT_FOUND);
    assert_string_equal(f->msg.text, "TIDEGATE_MAX_CONECTION: unknown environment variable, the "
                                     "nearest is TIDEGATE_MAX_CONNECTIONS");
    clearenv();
    setenv("TIDEGATE_MAX_CONECTIO", "7", 1);
    assert_int_equal(tg_config_read_environment(&f->config, &f->msg), TG_OK);
}

static void flags_are_found(void **state)
{
    (void)state;
    assert_string_equal(tg_config_find_flag(TG_STR("--max-connections"))->key,
                        "limits.max_connections");
    assert_null(tg_config_find_flag(TG_STR("--max-connection")));
    assert_null(tg_config_find_flag(TG_STR("")));
}

static void an_empty_configuration_can_be_freed(void **state)
{
    struct tg_config config = {0};

    (void)state;
    tg_config_fini(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(the_defaults_are_those_of_the_table),
        TEST(every_default_can_be_set_and_every_row_says_its_form),
        TEST(each_type_is_read_into_its_field),
        TEST(a_wrong_value_says_what_was_expected_and_changes_nothing),
        TEST(a_strange_value_is_shown_cut_and_escaped),
        TEST(a_value_has_a_largest_length),
        TEST(a_secret_is_never_shown),
        TEST(an_unknown_key_names_the_nearest_one),
        TEST(a_listen_text_takes_the_place_of_all_addresses),
        TEST(a_list_with_one_wrong_address_changes_nothing),
        TEST(the_file_gives_addresses_in_parts),
        TEST(a_wrong_part_is_refused),
        TEST(a_listener_of_the_file_has_a_certificate_and_a_key),
        TEST(a_listen_text_ends_tls),
        TEST(a_wrong_part_of_tls_is_refused),
        TEST(the_admin_address_can_be_off),
        TEST(the_environment_is_read),
        TEST(a_wrong_variable_is_named),
        TEST(a_misspelt_variable_is_refused),
        TEST(flags_are_found),
        TEST(an_empty_configuration_can_be_freed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
