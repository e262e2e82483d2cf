/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "deploy/bundle_file.h"
#include "net/server.h"
#include "worker/gateways.h"

enum { CHAT = 3, ECHO = 5 };

struct fixture {
    struct tg_config config;
    struct tg_page *page;
    struct tg_wheel wheel;
    struct tg_hub hub;
    struct tg_gateways gateways;
    struct tg_errmsg msg;
    uint64_t tickets;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));

    assert_non_null(f);
    assert_int_equal(tg_config_init(&f->config), TG_OK);
    f->page = tg_page_create(1);
    assert_non_null(f->page);
    tg_wheel_init(&f->wheel, 1000);
    struct tg_hub_options options = {.config = &f->config,
                                     .page = f->page,
                                     .wheel = &f->wheel,
                                     .clock = tg_clock_system(),
                                     .transport = tg_server_transport()};
    assert_int_equal(tg_hub_init(&f->hub, &options, &f->msg), TG_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    tg_gateways_stop(&f->gateways);
    tg_hub_fini(&f->hub);
    tg_page_destroy(f->page);
    tg_config_fini(&f->config);
    free(f);
    return 0;
}

/* The sealed file of a gateway with one file, this text; its hash is made of the digit. */
static int seal(const char *name, char digit, const char *text)
{
    struct tg_bundle bundle = {.name = tg_str_copy(tg_str_of(name)),
                               .origin = tg_str_copy(TG_STR("gateways/chat"))};
    struct tg_errmsg msg;
    int fd = -1;

    memset(bundle.generation, digit, sizeof(bundle.generation) - 1);
    assert_int_equal(tg_bundle_add(&bundle, TG_STR("gateway.lua"), tg_str_of(text)), TG_OK);
    assert_int_equal(tg_bundle_file_seal(&bundle, &fd, &msg), TG_OK);
    tg_bundle_fini(&bundle);
    return fd;
}

static int seal_path(const char *name, char digit, const char *path)
{
    char text[128];

    (void)snprintf(text, sizeof(text), "return { path = \"%s\", events = {} }", path);
    return seal(name, digit, text);
}

/* The page says so; a removal is 0. */
static void commit(struct fixture *f, uint32_t slot, uint64_t counter, uint64_t proven)
{
    struct tg_deploy_commit commit = {.counter = counter, .proven = proven};

    tg_deploy_table_commit(&f->page->deploys, slot, &commit);
}

/* As a worker that is forked when these two are live. */
static void start(struct fixture *f)
{
    struct tg_worker_generation list[] = {{CHAT, 4, seal_path("chat", 'a', "/chat"), 4},
                                          {ECHO, 1, seal_path("echo", 'b', "/echo"), 1}};

    commit(f, CHAT, 4, 4);
    commit(f, ECHO, 1, 1);
    if (tg_gateways_start(&f->gateways, &f->hub, list, 2, &f->msg) != TG_OK) {
        fail_msg("%s", f->msg.text);
    }
    assert_int_equal(fcntl(list[0].fd, F_GETFD), -1);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
}

static const struct tg_gateway *find(const struct fixture *f, const char *name)
{
    for (uint32_t i = 0; i < f->hub.gateway_count; i++) {
        if (strcmp(f->hub.gateways[i]->name, name) == 0) {
            return f->hub.gateways[i];
        }
    }
    return NULL;
}

/* The supervisor sends it, and reads the vote. */
static enum tg_vote_state prepare(struct fixture *f, uint64_t counter, int fd,
                                  struct tg_fault *fault)
{
    struct tg_order order = {
        .kind = TG_ORDER_PREPARE, .slot = CHAT, .counter = counter, .ticket = ++f->tickets};

    tg_gateways_on_order(&f->gateways, &order, fd);
    assert_int_equal(fcntl(fd, F_GETFD), -1);
    return tg_vote_read(&f->hub.row->vote, order.ticket, fault);
}

static void assert_prepared(struct fixture *f, uint64_t counter, int fd)
{
    struct tg_fault fault = {0};

    if (prepare(f, counter, fd, &fault) != TG_VOTE_READY) {
        fail_msg("%s", fault.text);
    }
}

static uint64_t held(const struct fixture *f)
{
    return atomic_load(&f->hub.row->slots_held);
}

static void it_starts_with_what_it_was_given(void **state)
{
    struct fixture *f = *state;

    start(f);
    assert_int_equal(f->hub.gateway_count, 2);
    assert_int_equal(find(f, "chat")->counter, 4);
    assert_string_equal(find(f, "chat")->generation, "aaaaaaaaaaaa");
    assert_int_equal(find(f, "echo")->counter, 1);
    assert_int_equal(held(f), 1u << CHAT | 1u << ECHO);
}

static void what_does_not_load_stops_the_start(void **state)
{
    struct fixture *f = *state;
    struct tg_worker_generation list[] = {{CHAT, 4, seal("chat", 'a', "return 5"), 4},
                                          {ECHO, 1, seal_path("echo", 'b', "/echo"), 1}};

    assert_int_not_equal(tg_gateways_start(&f->gateways, &f->hub, list, 2, &f->msg), TG_OK);
    assert_non_null(strstr(f->msg.text, "gateways/chat"));
    assert_int_equal(fcntl(list[0].fd, F_GETFD), -1);
    assert_int_equal(fcntl(list[1].fd, F_GETFD), -1);
}

static void what_is_no_sealed_file_stops_the_start(void **state)
{
    struct fixture *f = *state;
    struct tg_worker_generation list[] = {{CHAT, 4, open("/dev/null", O_RDONLY | O_CLOEXEC), 4}};

    assert_int_not_equal(tg_gateways_start(&f->gateways, &f->hub, list, 1, &f->msg), TG_OK);
    assert_true(f->msg.text[0] != '\0');
}

static void what_killed_workers_while_it_loaded_is_left_out(void **state)
{
    struct fixture *f = *state;
    struct tg_gateway_row culprit = {.name = "chat", .generation = "aaaaaaaaaaaa"};

    assert_int_equal(tg_unloaded_add(&f->page->unloaded, &culprit), TG_OK);
    start(f);
    assert_int_equal(f->hub.gateway_count, 1);
    assert_non_null(find(f, "echo"));
    /* And comes in when it has changed. */
    assert_prepared(f, 5, seal_path("chat", 'c', "/chat"));
    commit(f, CHAT, 5, 5);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    assert_int_equal(find(f, "chat")->counter, 5);
}

/* The one before has come back while there was no worker that could vote against it. */
static void one_whose_path_is_taken_keeps_no_worker_from_starting(void **state)
{
    struct fixture *f = *state;
    struct tg_worker_generation list[] = {{CHAT, 4, seal_path("chat", 'a', "/chat"), 4},
                                          {ECHO, 1, seal_path("echo", 'b', "/chat"), 1}};

    commit(f, CHAT, 4, 4);
    commit(f, ECHO, 1, 1);
    assert_int_equal(tg_gateways_start(&f->gateways, &f->hub, list, 2, &f->msg), TG_OK);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    assert_int_equal(f->hub.gateway_count, 1);
    assert_non_null(find(f, "chat"));
    /* And it can be removed. */
    commit(f, ECHO, 0, 0);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    assert_int_equal(held(f), 1u << CHAT);
}

/* The supervisor may still find that it can't come back: its successor will know. */
static void one_that_is_about_to_come_back_takes_no_path_from_another(void **state)
{
    struct fixture *f = *state;
    struct tg_worker_generation list[] = {{CHAT, 4, seal_path("chat", 'a', "/chat"), 5},
                                          {ECHO, 1, seal_path("echo", 'b', "/chat"), 1}};

    assert_int_equal(tg_gateways_start(&f->gateways, &f->hub, list, 2, &f->msg), TG_ERR_EXISTS);
}

static void a_candidate_is_voted_for_and_waits_for_the_page(void **state)
{
    struct fixture *f = *state;

    start(f);
    assert_prepared(f, 5, seal_path("chat", 'c', "/chat"));
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    assert_int_equal(find(f, "chat")->counter, 4);
    commit(f, CHAT, 5, 4);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    assert_int_equal(find(f, "chat")->counter, 5);
    assert_string_equal(find(f, "chat")->generation, "cccccccccccc");
    assert_int_equal(find(f, "echo")->counter, 1);
}

static void a_vote_against_names_file_and_line(void **state)
{
    struct fixture *f = *state;
    struct tg_fault fault = {0};

    start(f);
    int fd = seal("chat", 'c', "local t = nil\nreturn t.x");
    assert_int_equal(prepare(f, 5, fd, &fault), TG_VOTE_FAILED);
    assert_int_equal(fault.step, TG_FAULT_PREPARE);
    assert_string_equal(fault.file, "gateways/chat/gateway.lua");
    assert_int_equal(fault.line, 2);
    assert_int_equal(prepare(f, 6, open("/dev/null", O_RDONLY | O_CLOEXEC), &fault),
                     TG_VOTE_FAILED);
    assert_int_equal(find(f, "chat")->counter, 4);
}

static void a_path_that_is_taken_is_voted_against(void **state)
{
    struct fixture *f = *state;
    struct tg_fault fault = {0};

    start(f);
    assert_int_equal(prepare(f, 5, seal_path("chat", 'c', "/echo"), &fault), TG_VOTE_TAKEN);
    assert_non_null(strstr(fault.text, "/echo"));
}

static void what_was_dropped_can_not_be_followed(void **state)
{
    struct fixture *f = *state;
    struct tg_order drop = {.kind = TG_ORDER_DROP, .slot = CHAT, .counter = 5};

    start(f);
    assert_prepared(f, 5, seal_path("chat", 'c', "/chat"));
    tg_gateways_on_order(&f->gateways, &drop, -1);
    commit(f, CHAT, 5, 4);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_ERR_NOT_FOUND);
    assert_int_equal(find(f, "chat")->counter, 4);
}

static void it_goes_back_to_what_it_kept(void **state)
{
    struct fixture *f = *state;

    start(f);
    assert_prepared(f, 5, seal_path("chat", 'c', "/chat"));
    commit(f, CHAT, 5, 4);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    /* Asked for the old one it is ready at once. */
    assert_prepared(f, 4, seal_path("chat", 'a', "/chat"));
    commit(f, CHAT, 4, 4);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    assert_int_equal(find(f, "chat")->counter, 4);
    assert_string_equal(find(f, "chat")->generation, "aaaaaaaaaaaa");
}

static void forked_while_it_goes_back_it_waits_for_the_page(void **state)
{
    struct fixture *f = *state;
    struct tg_worker_generation list[] = {{CHAT, 4, seal_path("chat", 'a', "/chat"), 5}};

    commit(f, CHAT, 5, 4);
    assert_int_equal(tg_gateways_start(&f->gateways, &f->hub, list, 1, &f->msg), TG_OK);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    assert_int_equal(find(f, "chat")->counter, 4);
    commit(f, CHAT, 4, 4);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    assert_int_equal(find(f, "chat")->counter, 4);
    /* And follows as any other from then on. */
    assert_prepared(f, 6, seal_path("chat", 'c', "/chat"));
    commit(f, CHAT, 6, 4);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    assert_int_equal(find(f, "chat")->counter, 6);
}

static void once_proven_there_is_nothing_kept(void **state)
{
    struct fixture *f = *state;

    start(f);
    assert_prepared(f, 5, seal_path("chat", 'c', "/chat"));
    commit(f, CHAT, 5, 4);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    tg_deploy_table_prove(&f->page->deploys, CHAT, 5);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    commit(f, CHAT, 4, 4);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_ERR_NOT_FOUND);
}

static void a_proof_may_come_with_the_next_commit(void **state)
{
    struct fixture *f = *state;

    start(f);
    assert_prepared(f, 5, seal_path("chat", 'c', "/chat"));
    commit(f, CHAT, 5, 4);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    assert_prepared(f, 6, seal_path("chat", 'd', "/chat"));
    tg_deploy_table_prove(&f->page->deploys, CHAT, 5);
    commit(f, CHAT, 6, 5);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    assert_int_equal(find(f, "chat")->counter, 6);
    /* What is kept is 5. */
    commit(f, CHAT, 5, 5);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    assert_int_equal(find(f, "chat")->counter, 5);
}

static void a_commit_that_came_before_the_next_candidate_is_followed_first(void **state)
{
    struct fixture *f = *state;

    start(f);
    assert_prepared(f, 5, seal_path("chat", 'c', "/chat"));
    commit(f, CHAT, 5, 5);
    /* No turn has passed. */
    assert_prepared(f, 6, seal_path("chat", 'd', "/chat"));
    assert_int_equal(find(f, "chat")->counter, 5);
    commit(f, CHAT, 6, 5);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    assert_int_equal(find(f, "chat")->counter, 6);
}

static void a_removed_gateway_is_gone_and_its_slot_let_go(void **state)
{
    struct fixture *f = *state;

    start(f);
    commit(f, CHAT, 0, 0);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    for (int i = 0; i < 50 && held(f) != 1u << ECHO; i++) {
        tg_wheel_advance(&f->wheel, f->wheel.now_ms + 10);
        assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    }
    assert_int_equal(held(f), 1u << ECHO);
    assert_int_equal(f->hub.gateway_count, 1);
    /* The slot is another's then, whose counters begin anew. */
    assert_prepared(f, 1, seal_path("game", 'c', "/chat"));
    commit(f, CHAT, 1, 1);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    assert_int_equal(find(f, "game")->counter, 1);
    /* The other had reached 4, and that was proven: of this one it is to be proven anew. */
    assert_prepared(f, 4, seal_path("game", 'd', "/chat"));
    commit(f, CHAT, 4, 1);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    tg_deploy_table_prove(&f->page->deploys, CHAT, 4);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_OK);
    commit(f, CHAT, 1, 1);
    assert_int_equal(tg_gateways_turn(&f->gateways), TG_ERR_NOT_FOUND);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_starts_with_what_it_was_given),
        TEST(what_does_not_load_stops_the_start),
        TEST(what_is_no_sealed_file_stops_the_start),
        TEST(what_killed_workers_while_it_loaded_is_left_out),
        TEST(one_whose_path_is_taken_keeps_no_worker_from_starting),
        TEST(one_that_is_about_to_come_back_takes_no_path_from_another),
        TEST(a_candidate_is_voted_for_and_waits_for_the_page),
        TEST(a_vote_against_names_file_and_line),
        TEST(a_path_that_is_taken_is_voted_against),
        TEST(what_was_dropped_can_not_be_followed),
        TEST(it_goes_back_to_what_it_kept),
        TEST(forked_while_it_goes_back_it_waits_for_the_page),
        TEST(once_proven_there_is_nothing_kept),
        TEST(a_proof_may_come_with_the_next_commit),
        TEST(a_commit_that_came_before_the_next_candidate_is_followed_first),
        TEST(a_removed_gateway_is_gone_and_its_slot_let_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
