/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/deploy_link.h"

struct fixture {
    int supervisor;
    int deployer;
    int file;
    struct tg_deploy_note note;
    struct tg_deploy_note taken;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof(*f));
    int fds[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds), 0);
    f->supervisor = fds[0];
    f->deployer = fds[1];
    f->file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(f->file >= 0);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;

    if (f->deployer >= 0) {
        assert_int_equal(close(f->deployer), 0);
    }
    assert_int_equal(close(f->supervisor), 0);
    assert_int_equal(close(f->file), 0);
    free(f);
    return 0;
}

static void set_names(struct fixture *f, const char *name, const char *generation)
{
    (void)snprintf(f->note.name, sizeof(f->note.name), "%s", name);
    (void)snprintf(f->note.generation, sizeof(f->note.generation), "%s", generation);
}

/* Sends the note to the supervisor, who takes it. Returns the file that came; -1: none. */
static int pass(struct fixture *f)
{
    int fd = -2;

    assert_int_equal(tg_deploy_link_send(f->deployer, &f->note, f->file), TG_OK);
    assert_int_equal(tg_deploy_link_take(f->supervisor, &f->taken, &fd), TG_OK);
    assert_int_equal(f->taken.kind, f->note.kind);
    return fd;
}

static void a_candidate_comes_with_its_file(void **state)
{
    struct fixture *f = *state;

    f->note.kind = TG_DEPLOY_CANDIDATE;
    set_names(f, "chat", "3f2a1b9c8d7e");
    int fd = pass(f);
    assert_true(fd >= 0);
    assert_int_equal(close(fd), 0);
    assert_string_equal(f->taken.name, "chat");
    assert_string_equal(f->taken.generation, "3f2a1b9c8d7e");
}

static void a_fault_comes_with_its_place_and_text(void **state)
{
    struct fixture *f = *state;

    f->note.kind = TG_DEPLOY_FAULT;
    set_names(f, "chat", "3f2a1b9c8d7e");
    tg_fault_set(&f->note.fault, TG_FAULT_LOAD, TG_STR("gateways/chat/gateway.lua"), 7, "no");
    tg_fault_hint(&f->note.fault, "yes");
    assert_int_equal(pass(f), -1);
    assert_string_equal(f->taken.name, "chat");
    assert_string_equal(f->taken.generation, "3f2a1b9c8d7e");
    assert_int_equal(f->taken.fault.step, TG_FAULT_LOAD);
    assert_int_equal(f->taken.fault.line, 7);
    assert_string_equal(f->taken.fault.file, "gateways/chat/gateway.lua");
    assert_string_equal(f->taken.fault.text, "no");
    assert_string_equal(f->taken.fault.hint, "yes");
}

static void a_fault_may_be_over_or_of_a_folder_that_can_be_no_gateway(void **state)
{
    struct fixture *f = *state;

    f->note.kind = TG_DEPLOY_FAULT;
    set_names(f, "My Gateway", "");
    assert_int_equal(pass(f), -1);
    assert_string_equal(f->taken.name, "My Gateway");
    assert_string_equal(f->taken.generation, "");
    assert_string_equal(f->taken.fault.text, "");
}

static void the_largest_fault_fits(void **state)
{
    struct fixture *f = *state;

    f->note.kind = TG_DEPLOY_FAULT;
    set_names(f, "chat", "3f2a1b9c8d7e");
    memset(f->note.name, 'n', sizeof(f->note.name) - 1);
    memset(f->note.fault.file, 'f', sizeof(f->note.fault.file) - 1);
    memset(f->note.fault.text, 't', sizeof(f->note.fault.text) - 1);
    memset(f->note.fault.hint, 'h', sizeof(f->note.fault.hint) - 1);
    assert_int_equal(pass(f), -1);
    assert_string_equal(f->taken.name, f->note.name);
    assert_string_equal(f->taken.fault.text, f->note.fault.text);
}

static void the_other_kinds_come_as_they_were_sent(void **state)
{
    struct fixture *f = *state;

    f->note.kind = TG_DEPLOY_GONE;
    set_names(f, "chat", "");
    assert_int_equal(pass(f), -1);
    assert_string_equal(f->taken.name, "chat");
    f->note = (struct tg_deploy_note){.kind = TG_DEPLOY_ROOT, .text = "gateways: no such folder"};
    assert_int_equal(pass(f), -1);
    assert_string_equal(f->taken.text, "gateways: no such folder");
    f->note.text[0] = '\0';
    assert_int_equal(pass(f), -1);
    assert_string_equal(f->taken.text, "");
    f->note = (struct tg_deploy_note){.kind = TG_DEPLOY_SCAN, .sequence = UINT64_MAX - 1};
    assert_int_equal(pass(f), -1);
    assert_true(f->taken.sequence == UINT64_MAX - 1);
    f->note = (struct tg_deploy_note){.kind = TG_DEPLOY_SCANNED, .sequence = 1};
    assert_int_equal(pass(f), -1);
    assert_true(f->taken.sequence == 1);
}

static void assert_is_refused(struct tg_str octets)
{
    struct tg_deploy_note note = {.sequence = 99};
    char *exact = malloc(octets.length > 0 ? octets.length : 1); /* a read past it is seen */

    if (octets.length > 0) {
        memcpy(exact, octets.at, octets.length);
    }
    assert_int_equal(tg_deploy_link_read(tg_str(exact, octets.length), &note), TG_ERR_SYNTAX);
    assert_true(note.sequence == 99);
    free(exact);
}

static void nothing_but_a_whole_message_is_one(void **state)
{
    struct fixture *f = *state;
    char octets[TG_DEPLOY_LINK_BYTES + 1];

    for (int kind = TG_DEPLOY_CANDIDATE; kind <= TG_DEPLOY_SCAN; kind++) {
        f->note.kind = (enum tg_deploy_note_kind)kind;
        set_names(f, "chat", "3f2a1b9c8d7e");
        (void)snprintf(f->note.text, sizeof(f->note.text), "away");
        size_t length = tg_deploy_link_write(&f->note, octets);
        assert_true(length > 0 && length < sizeof(octets));
        for (size_t part = 0; part < length; part++) {
            assert_is_refused(tg_str(octets, part));
        }
        octets[length] = '\0';
        assert_is_refused(tg_str(octets, length + 1));
    }
}

static void fields_that_can_not_be_are_refused(void **state)
{
    (void)state;
    assert_is_refused(TG_STR("\0\0\0\0\0\0\0\0\0"));
    assert_is_refused(TG_STR("\7\0\0\0\0\0\0\0\0"));
    assert_is_refused(TG_STR("\3\0\0"));
    assert_is_refused(TG_STR("\3\4\0Chat"));
    assert_is_refused(TG_STR("\3\4\0c/at"));
    assert_is_refused(TG_STR("\3\4\0ch\0t"));
    assert_is_refused(
        TG_STR("\3\100\0nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"));
    assert_is_refused(TG_STR("\1\4\0chat\0\0"));
    assert_is_refused(TG_STR("\1\4\0chat\x0b\0"
                             "0123456789a"));
    assert_is_refused(TG_STR("\1\4\0chat\x0c\0"
                             "0123456789aB"));
    assert_is_refused(TG_STR("\1\4\0chat\x0d\0"
                             "0123456789abc"));
    assert_is_refused(TG_STR("\4\5\0a\nbcd"));
    assert_is_refused(TG_STR("\4\1\0\xff"));
}

static void what_could_not_be_read_is_not_sent(void **state)
{
    struct fixture *f = *state;
    int fd = -1;

    assert_int_equal(tg_deploy_link_send(f->deployer, &f->note, -1), TG_ERR_INVALID);
    f->note.kind = TG_DEPLOY_GONE;
    set_names(f, "../chat", "");
    assert_int_equal(tg_deploy_link_send(f->deployer, &f->note, -1), TG_ERR_INVALID);
    f->note.kind = TG_DEPLOY_CANDIDATE;
    set_names(f, "chat", "3f2a1b9c8d7e");
    assert_int_equal(tg_deploy_link_send(f->deployer, &f->note, -1), TG_ERR_INVALID);
    assert_int_equal(tg_deploy_link_take(f->supervisor, &f->taken, &fd), TG_ERR_INCOMPLETE);
}

static void a_candidate_without_its_file_and_a_file_with_anything_else_are_dropped(void **state)
{
    struct fixture *f = *state;
    char octets[TG_DEPLOY_LINK_BYTES];
    int fd = -1;

    f->note.kind = TG_DEPLOY_CANDIDATE;
    set_names(f, "chat", "3f2a1b9c8d7e");
    size_t length = tg_deploy_link_write(&f->note, octets);
    assert_int_equal(tg_fd_link_send(f->deployer, tg_str(octets, length), -1), TG_OK);
    f->note.kind = TG_DEPLOY_GONE;
    length = tg_deploy_link_write(&f->note, octets);
    assert_int_equal(tg_fd_link_send(f->deployer, tg_str(octets, length), f->file), TG_OK);
    assert_int_equal(tg_deploy_link_take(f->supervisor, &f->taken, &fd), TG_ERR_SYNTAX);
    assert_int_equal(tg_deploy_link_take(f->supervisor, &f->taken, &fd), TG_ERR_SYNTAX);
    assert_int_equal(tg_deploy_link_take(f->supervisor, &f->taken, &fd), TG_ERR_INCOMPLETE);
    assert_int_equal(fd, -1);
}

static void the_end_of_the_other_side_is_told(void **state)
{
    struct fixture *f = *state;
    int fd = -1;

    assert_int_equal(close(f->deployer), 0);
    f->deployer = -1;
    f->note.kind = TG_DEPLOY_SCAN;
    assert_int_equal(tg_deploy_link_take(f->supervisor, &f->taken, &fd), TG_ERR_CLOSED);
    assert_int_equal(tg_deploy_link_send(f->supervisor, &f->note, -1), TG_ERR_CLOSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_candidate_comes_with_its_file),
        TEST(a_fault_comes_with_its_place_and_text),
        TEST(a_fault_may_be_over_or_of_a_folder_that_can_be_no_gateway),
        TEST(the_largest_fault_fits),
        TEST(the_other_kinds_come_as_they_were_sent),
        TEST(nothing_but_a_whole_message_is_one),
        TEST(fields_that_can_not_be_are_refused),
        TEST(what_could_not_be_read_is_not_sent),
        TEST(a_candidate_without_its_file_and_a_file_with_anything_else_are_dropped),
        TEST(the_end_of_the_other_side_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
