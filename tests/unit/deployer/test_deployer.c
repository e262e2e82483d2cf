/* SPDX-License-Identifier: MIT */
/* A deployer in a process of its own over real folders; the test is its supervisor. */
#include "deployer/deployer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/log.h"
#include "core/deploy_link.h"
#include "deploy/bundle_file.h"
#include "deploy/folder.h"
#include "fake_disk.h"

enum { PATIENCE_MS = 20000, QUIET_MS = 500, REMOVE_AFTER_MS = 600 };

struct fixture {
    struct fake_disk disk; /* root/ holds chat/ and echo/ */
    struct tg_config config;
    struct tg_page *page;
    int control;
    pid_t child; /* 0: it has been waited for */
    uint64_t counter;
    struct tg_deploy_note note; /* the last */
    struct tg_bundle bundle;    /* of the last candidate */
};

static void write_gateway(const struct fixture *f, const char *name, const char *more)
{
    char path[FAKE_DISK_PATH], text[256];

    (void)snprintf(path, sizeof(path), "root/%s/gateway.lua", name);
    (void)snprintf(text, sizeof(text), "return { path = '/%s', events = {} } -- %s\n", name, more);
    fake_disk_write(&f->disk, path, text);
}

static void make_gateway(const struct fixture *f, const char *name)
{
    char path[FAKE_DISK_PATH];

    (void)snprintf(path, sizeof(path), "root/%s", name);
    fake_disk_folder(&f->disk, path);
    write_gateway(f, name, "first");
}

static void move(const struct fixture *f, const char *from, const char *to)
{
    char old[FAKE_DISK_PATH], new[FAKE_DISK_PATH];

    fake_disk_path(&f->disk, from, old);
    fake_disk_path(&f->disk, to, new);
    assert_int_equal(rename(old, new), 0);
}

/* As the supervisor and a worker do it: what stands in the folder is live. */
static void commit(struct fixture *f, const char *name)
{
    struct tg_errmsg msg;
    struct tg_bundle bundle;
    char path[FAKE_DISK_PATH], below[64];
    uint32_t slot = 0;
    struct tg_deploy_view view;

    (void)snprintf(below, sizeof(below), "root/%s", name);
    fake_disk_path(&f->disk, below, path);
    assert_int_equal(tg_folder_read(path, &bundle, &msg), TG_OK);
    while (tg_deploy_table_read(&f->page->deploys, slot, &view) && strcmp(view.name, name) != 0) {
        slot++;
    }
    if (!tg_deploy_table_read(&f->page->deploys, slot, &view)) {
        tg_deploy_table_bind(&f->page->deploys, slot, name);
    }
    f->counter++;
    const struct tg_deploy_commit made = {.counter = f->counter,
                                          .proven = f->counter,
                                          .hash = tg_deploy_table_hash(bundle.generation),
                                          .state = TG_DEPLOY_LIVE};
    tg_deploy_table_commit(&f->page->deploys, slot, &made);
    int row = tg_gateway_rows_take(&f->page->rows[0].gateways, name, bundle.generation);
    (void)snprintf(below, sizeof(below), "/%s", name);
    tg_gateway_rows_set_path(&f->page->rows[0].gateways, row, below);
    tg_bundle_fini(&bundle);
}

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.page = tg_page_create(1), .control = -1};
    assert_non_null(fixture.page);
    assert_int_equal(tg_config_init(&fixture.config), TG_OK);
    tg_log_set_level(TG_LOG_LEVEL_WARN);
    fake_disk_make(&fixture.disk);
    fake_disk_folder(&fixture.disk, "root");
    make_gateway(&fixture, "chat");
    make_gateway(&fixture, "echo");
    fixture.config.deploy_remove_after_ms = REMOVE_AFTER_MS;
    *state = &fixture;
    return 0;
}

static void give_root(struct fixture *f, const char *below)
{
    char path[FAKE_DISK_PATH];

    fake_disk_path(&f->disk, below, path);
    assert_int_equal(tg_config_set(&f->config, "gateways", tg_str_of(path), &(struct tg_errmsg){0}),
                     TG_OK);
}

static void start(struct fixture *f)
{
    int fds[2];

    if (!f->config.gateways || f->config.gateways[0] != '/') {
        give_root(f, "root");
    }
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    f->child = fork();
    assert_true(f->child >= 0);
    if (f->child == 0) {
        struct tg_deployer_options options = {&f->config, f->page, fds[1]};
        (void)close(fds[0]);
        tg_log_set_sink(NULL, NULL);
        _exit(tg_deployer_run(&options));
    }
    (void)close(fds[1]);
    f->control = fds[0];
}

static int wait_for_end(struct fixture *f)
{
    int status = 0;

    assert_int_equal(waitpid(f->child, &status, 0), f->child);
    f->child = 0;
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    if (f->child > 0) {
        atomic_store(&f->page->is_leaving, 1);
        assert_int_equal(kill(f->child, SIGTERM), 0);
        assert_int_equal(wait_for_end(f), 0);
    }
    if (f->control >= 0) {
        (void)close(f->control);
    }
    tg_bundle_fini(&f->bundle);
    tg_config_fini(&f->config);
    tg_page_destroy(f->page);
    fake_disk_remove(&f->disk);
    return 0;
}

/* Takes the next note into f->note, and a candidate's bundle into f->bundle. False: none came. */
static bool take(struct fixture *f, int patience_ms)
{
    struct pollfd control = {.fd = f->control, .events = POLLIN};
    struct tg_errmsg msg;
    int fd = -1;

    if (poll(&control, 1, patience_ms) == 0) {
        return false;
    }
    assert_int_equal(tg_deploy_link_take(f->control, &f->note, &fd), TG_OK);
    if (fd >= 0) {
        tg_bundle_fini(&f->bundle);
        assert_int_equal(tg_bundle_file_open(fd, &f->bundle, &msg), TG_OK);
        assert_string_equal(f->bundle.name, f->note.name);
        assert_string_equal(f->bundle.generation, f->note.generation);
        assert_int_equal(close(fd), 0);
    }
    return true;
}

static void expect(struct fixture *f, enum tg_deploy_note_kind kind, const char *name)
{
    if (!take(f, PATIENCE_MS)) {
        fail_msg("nothing came for %s", name);
    }
    if (f->note.kind != kind || strcmp(f->note.name, name) != 0) {
        fail_msg("%d %s came (%s %s), not %d %s", (int)f->note.kind, f->note.name, f->note.text,
                 f->note.fault.text, (int)kind, name);
    }
}

/* Of chat and echo, in any order: each comes to rest in its own time. */
static void expect_both(struct fixture *f, enum tg_deploy_note_kind of_chat,
                        enum tg_deploy_note_kind of_echo)
{
    assert_true(take(f, PATIENCE_MS));
    bool is_chat = strcmp(f->note.name, "chat") == 0;
    assert_int_equal(f->note.kind, is_chat ? of_chat : of_echo);
    expect(f, is_chat ? of_echo : of_chat, is_chat ? "echo" : "chat");
}

static void expect_quiet(struct fixture *f)
{
    if (take(f, QUIET_MS)) {
        fail_msg("%d %s came: %s%s", (int)f->note.kind, f->note.name, f->note.text,
                 f->note.fault.text);
    }
}

static void expect_root(struct fixture *f, const char *text)
{
    expect(f, TG_DEPLOY_ROOT, "");
    assert_non_null(strstr(f->note.text, text));
    assert_int_equal(f->note.text[0] == '\0', text[0] == '\0');
}

/* Both gateways, and what else was committed, are live: nothing is wrong with them, it tells. */
static void start_with_both_live(struct fixture *f)
{
    commit(f, "chat");
    commit(f, "echo");
    start(f);
    expect_root(f, "");
    for (uint64_t i = 0; i < f->counter; i++) {
        assert_true(take(f, PATIENCE_MS) && f->note.kind == TG_DEPLOY_FAULT);
    }
}

static void ask(struct fixture *f, uint64_t sequence)
{
    const struct tg_deploy_note note = {.kind = TG_DEPLOY_SCAN, .sequence = sequence};

    assert_int_equal(tg_deploy_link_send(f->control, &note, -1), TG_OK);
}

static void expect_scanned(struct fixture *f, uint64_t sequence)
{
    expect(f, TG_DEPLOY_SCANNED, "");
    assert_int_equal(f->note.sequence, sequence);
}

static void every_folder_that_is_not_live_is_a_candidate(void **state)
{
    struct fixture *f = *state;

    commit(f, "echo");
    start(f);
    expect_root(f, "");
    expect_both(f, TG_DEPLOY_CANDIDATE, TG_DEPLOY_FAULT);
    assert_int_equal(f->bundle.count, 1);
    assert_string_equal(f->bundle.files[0].path, "gateway.lua");
    expect_quiet(f);
}

static void a_change_is_told_once_when_it_has_come_to_rest(void **state)
{
    struct fixture *f = *state;

    start_with_both_live(f);
    expect_quiet(f);
    for (int i = 0; i < 20; i++) {
        char text[16];
        (void)snprintf(text, sizeof(text), "%d", i);
        write_gateway(f, "chat", text);
        assert_false(take(f, 50));
    }
    expect(f, TG_DEPLOY_CANDIDATE, "chat");
    assert_non_null(strstr(f->bundle.files[0].content, "-- 19"));
    expect_quiet(f);
}

static void a_new_folder_is_told_and_a_touched_one_is_not(void **state)
{
    struct fixture *f = *state;

    start_with_both_live(f);
    write_gateway(f, "chat", "first"); /* what it holds already */
    make_gateway(f, "talk");
    expect(f, TG_DEPLOY_CANDIDATE, "talk");
    expect_quiet(f);
}

static void a_gateway_lua_that_comes_later_is_heard(void **state)
{
    struct fixture *f = *state;

    start_with_both_live(f);
    fake_disk_folder(&f->disk, "root/talk");
    expect_quiet(f);
    write_gateway(f, "talk", "first");
    expect(f, TG_DEPLOY_CANDIDATE, "talk");
}

static void one_that_is_away_for_a_moment_is_heard_when_it_is_back(void **state)
{
    struct fixture *f = *state;

    f->config.deploy_remove_after_ms = 20000;
    start_with_both_live(f);
    fake_disk_unlink(&f->disk, "root/chat/gateway.lua");
    expect_quiet(f); /* passes see it without */
    write_gateway(f, "chat", "second");
    expect(f, TG_DEPLOY_CANDIDATE, "chat");
}

static void a_fault_is_told_once_with_its_place_and_is_over_when_mended(void **state)
{
    struct fixture *f = *state;

    start_with_both_live(f);
    fake_disk_write(&f->disk, "root/chat/gateway.lua", "local x\nx y");
    expect(f, TG_DEPLOY_FAULT, "chat");
    assert_int_equal(f->note.fault.step, TG_FAULT_LOAD);
    assert_int_equal(f->note.fault.line, 2);
    assert_int_equal(strlen(f->note.generation), 12);
    assert_string_equal(f->note.fault.text, "'=' expected near 'y'");
    fake_disk_write(&f->disk, "root/chat/gateway.lua", "local x\nx y");
    expect_quiet(f);
    write_gateway(f, "chat", "mended");
    expect(f, TG_DEPLOY_FAULT, "chat");
    assert_string_equal(f->note.fault.text, "");
    expect(f, TG_DEPLOY_CANDIDATE, "chat");
}

static void a_folder_that_can_not_be_read_whole_is_a_fault_of_the_scan(void **state)
{
    struct fixture *f = *state;

    start_with_both_live(f);
    fake_disk_link(&f->disk, "/etc/passwd", "root/chat/out.lua");
    expect(f, TG_DEPLOY_FAULT, "chat");
    assert_int_equal(f->note.fault.step, TG_FAULT_SCAN);
    assert_string_equal(f->note.generation, "");
    assert_non_null(strstr(f->note.fault.file, "out.lua"));
    fake_disk_unlink(&f->disk, "root/chat/out.lua");
    expect(f, TG_DEPLOY_FAULT, "chat"); /* what is live is there again */
    assert_string_equal(f->note.fault.text, "");
    expect_quiet(f);
}

static void a_name_that_no_gateway_can_have_is_a_fault(void **state)
{
    struct fixture *f = *state;

    start_with_both_live(f);
    fake_disk_folder(&f->disk, "root/b\xff"
                               "d");
    fake_disk_write(&f->disk,
                    "root/b\xff"
                    "d/gateway.lua",
                    "return {}");
    expect(f, TG_DEPLOY_FAULT, "b\\xffd");
    assert_int_equal(f->note.fault.step, TG_FAULT_SCAN);
    expect_quiet(f);
}

static void what_was_told_is_taken_back_by_what_is_live(void **state)
{
    struct fixture *f = *state;

    start_with_both_live(f);
    write_gateway(f, "chat", "second");
    expect(f, TG_DEPLOY_CANDIDATE, "chat");
    write_gateway(f, "chat", "first"); /* as it is live still */
    expect(f, TG_DEPLOY_CANDIDATE, "chat");
    assert_non_null(strstr(f->bundle.files[0].content, "-- first"));
    expect_quiet(f);
}

static void one_that_comes_back_in_time_is_not_gone(void **state)
{
    struct fixture *f = *state;

    f->config.deploy_remove_after_ms = 2500;
    start_with_both_live(f);
    move(f, "root/chat", "away");
    expect_quiet(f);
    move(f, "away", "root/chat");
    assert_false(take(f, 2600));
}

static void without_a_root_nothing_is_gone(void **state)
{
    struct fixture *f = *state;

    start_with_both_live(f);
    move(f, "root", "away");
    expect_root(f, "No such file or directory");
    expect_quiet(f);
    expect_quiet(f);
    move(f, "away", "root");
    expect_root(f, "");
    expect_quiet(f);
}

static void a_root_that_lost_all_gateways_at_once_loses_none(void **state)
{
    struct fixture *f = *state;

    start_with_both_live(f);
    fake_disk_folder(&f->disk, "empty");
    move(f, "root", "away");
    move(f, "empty", "root");
    expect_root(f, "no gateway is in it any more, and 2 live from it");
    expect_quiet(f);
    expect_quiet(f);
    move(f, "away/echo", "root/echo");
    expect_root(f, "");
    expect(f, TG_DEPLOY_GONE, "chat");
}

static void a_root_that_is_a_link_may_be_led_elsewhere(void **state)
{
    struct fixture *f = *state;

    fake_disk_folder(&f->disk, "next");
    fake_disk_folder(&f->disk, "next/chat");
    fake_disk_folder(&f->disk, "next/echo");
    fake_disk_write(&f->disk, "next/chat/gateway.lua", "return { path = '/chat', events = {} }");
    fake_disk_write(&f->disk, "next/echo/gateway.lua", "return { path = '/echo', events = {} }");
    fake_disk_link(&f->disk, "root", "current");
    give_root(f, "current");
    start_with_both_live(f);
    fake_disk_link(&f->disk, "next", "new");
    move(f, "new", "current");
    expect_both(f, TG_DEPLOY_CANDIDATE, TG_DEPLOY_CANDIDATE);
    expect_quiet(f);
}

static void the_swap_of_a_config_map_is_one_change(void **state)
{
    struct fixture *f = *state;

    fake_disk_folder(&f->disk, "root/map");
    fake_disk_folder(&f->disk, "root/map/..one");
    fake_disk_folder(&f->disk, "root/map/..two");
    fake_disk_write(&f->disk, "root/map/..one/gateway.lua", "return { path = '/m', events = {} }");
    fake_disk_write(&f->disk, "root/map/..two/gateway.lua", "return { path = '/m2', events = {} }");
    fake_disk_link(&f->disk, "..one", "root/map/..data");
    fake_disk_link(&f->disk, "..data/gateway.lua", "root/map/gateway.lua");
    commit(f, "map");
    start_with_both_live(f);
    expect_quiet(f);
    fake_disk_link(&f->disk, "..two", "root/map/..data_tmp");
    move(f, "root/map/..data_tmp", "root/map/..data");
    expect(f, TG_DEPLOY_CANDIDATE, "map");
    assert_non_null(strstr(f->bundle.files[0].content, "/m2"));
    expect_quiet(f);
}

static void a_path_that_is_taken_is_tried_again_when_it_is_free(void **state)
{
    struct fixture *f = *state;

    start_with_both_live(f);
    fake_disk_folder(&f->disk, "root/talk");
    fake_disk_write(&f->disk, "root/talk/gateway.lua", "return { path = '/echo', events = {} }");
    expect(f, TG_DEPLOY_FAULT, "talk");
    assert_non_null(strstr(f->note.fault.text, "gateways echo and talk are both at the path"));
    tg_gateway_rows_set_path(&f->page->rows[0].gateways, 1, "/elsewhere");
    atomic_fetch_add(&f->page->deploys.changes, 1);
    expect(f, TG_DEPLOY_FAULT, "talk");
    assert_string_equal(f->note.fault.text, "");
    expect(f, TG_DEPLOY_CANDIDATE, "talk");
}

static void a_scan_judges_anew_what_is_not_live_and_is_answered(void **state)
{
    struct fixture *f = *state;

    start_with_both_live(f);
    ask(f, 7);
    expect_scanned(f, 7);
    write_gateway(f, "chat", "second");
    expect(f, TG_DEPLOY_CANDIDATE, "chat");
    fake_disk_write(&f->disk, "root/echo/gateway.lua", "error('no')");
    expect(f, TG_DEPLOY_FAULT, "echo");
    ask(f, 8);
    expect_both(f, TG_DEPLOY_CANDIDATE, TG_DEPLOY_FAULT);
    expect_scanned(f, 8);
    expect_quiet(f);
}

static void without_watching_a_scan_alone_looks(void **state)
{
    struct fixture *f = *state;

    f->config.deploy_watch = false;
    start(f);
    expect_quiet(f);
    ask(f, 1);
    expect_root(f, "");
    expect_both(f, TG_DEPLOY_CANDIDATE, TG_DEPLOY_CANDIDATE);
    expect_scanned(f, 1);
    write_gateway(f, "chat", "second");
    expect_quiet(f);
    expect_quiet(f);
}

static void while_the_server_drains_nothing_is_deployed(void **state)
{
    struct fixture *f = *state;

    start_with_both_live(f);
    atomic_store(&f->page->is_draining, 1);
    write_gateway(f, "chat", "second");
    expect_quiet(f);
}

static void it_ends_when_all_leave_and_not_before(void **state)
{
    struct fixture *f = *state;

    start_with_both_live(f);
    assert_int_equal(kill(f->child, SIGTERM), 0);
    write_gateway(f, "chat", "second");
    expect(f, TG_DEPLOY_CANDIDATE, "chat");
    atomic_store(&f->page->is_leaving, 1);
    assert_int_equal(kill(f->child, SIGTERM), 0);
    assert_int_equal(wait_for_end(f), 0);
}

static void it_ends_when_nobody_takes_what_it_tells(void **state)
{
    struct fixture *f = *state;

    start_with_both_live(f);
    (void)close(f->control);
    f->control = -1;
    assert_int_equal(wait_for_end(f), 1);
}

static void a_gateway_that_is_gone_is_told(void **state)
{
    struct fixture *f = *state;

    start_with_both_live(f);
    move(f, "root/chat", "away");
    expect(f, TG_DEPLOY_GONE, "chat");
    move(f, "away", "root/chat");
    expect(f, TG_DEPLOY_FAULT, "chat"); /* nothing is wrong: it is live still, nobody removed it */
}

static void a_fault_goes_with_its_folder(void **state)
{
    struct fixture *f = *state;

    start_with_both_live(f);
    make_gateway(f, "talk");
    fake_disk_write(&f->disk, "root/talk/gateway.lua", "error('no')");
    expect(f, TG_DEPLOY_FAULT, "talk");
    move(f, "root/talk", "away");
    expect(f, TG_DEPLOY_FAULT, "talk");
    assert_string_equal(f->note.fault.text, "");
    expect_quiet(f);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_folder_that_is_not_live_is_a_candidate),
        TEST(a_change_is_told_once_when_it_has_come_to_rest),
        TEST(a_new_folder_is_told_and_a_touched_one_is_not),
        TEST(a_gateway_lua_that_comes_later_is_heard),
        TEST(one_that_is_away_for_a_moment_is_heard_when_it_is_back),
        TEST(a_fault_is_told_once_with_its_place_and_is_over_when_mended),
        TEST(a_folder_that_can_not_be_read_whole_is_a_fault_of_the_scan),
        TEST(a_name_that_no_gateway_can_have_is_a_fault),
        TEST(what_was_told_is_taken_back_by_what_is_live),
        TEST(a_gateway_that_is_gone_is_told),
        TEST(a_fault_goes_with_its_folder),
        TEST(one_that_comes_back_in_time_is_not_gone),
        TEST(without_a_root_nothing_is_gone),
        TEST(a_root_that_lost_all_gateways_at_once_loses_none),
        TEST(a_root_that_is_a_link_may_be_led_elsewhere),
        TEST(the_swap_of_a_config_map_is_one_change),
        TEST(a_path_that_is_taken_is_tried_again_when_it_is_free),
        TEST(a_scan_judges_anew_what_is_not_live_and_is_answered),
        TEST(without_watching_a_scan_alone_looks),
        TEST(while_the_server_drains_nothing_is_deployed),
        TEST(it_ends_when_all_leave_and_not_before),
        TEST(it_ends_when_nobody_takes_what_it_tells),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
