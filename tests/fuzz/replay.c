/* SPDX-License-Identifier: MIT */
/* main() of a fuzz target that is built without libFuzzer: runs every file of the named directories
 * through it once. A directory without files is a failure: a corpus that got lost must not look
 * like one that passed. */
#include "target.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { INPUT_MAX = 16 << 20, PATH_BYTES = 4096 };

/* In memory that ends where the input ends. */
static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *input = NULL;
    int result = -1;

    if (!file) {
        return -1;
    }
    if (fseek(file, 0, SEEK_END) != 0) {
        goto err_after_file;
    }
    long length = ftell(file);
    if (length < 0 || length > INPUT_MAX || fseek(file, 0, SEEK_SET) != 0) {
        errno = EFBIG;
        goto err_after_file;
    }
    input = malloc(length > 0 ? (size_t)length : 1);
    if (input && fread(input, 1, (size_t)length, file) == (size_t)length) {
        (void)LLVMFuzzerTestOneInput(input, (size_t)length);
        result = 0;
    }
    free(input);

err_after_file:
    (void)fclose(file);
    return result;
}

static int is_input(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Returns how many files ran, or -1. */
static int run_directory(const char *directory)
{
    struct dirent **entries;
    int count = scandir(directory, &entries, is_input, alphasort);
    int result = count;

    if (count < 0) {
        (void)fprintf(stderr, "%s: %s\n", directory, strerror(errno));
        return -1;
    }
    for (int i = 0; i < count; i++) {
        char path[PATH_BYTES];
        int length = snprintf(path, sizeof(path), "%s/%s", directory, entries[i]->d_name);
        if (length >= (int)sizeof(path) || run_file(path) != 0) {
            (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
            result = -1;
        }
        free(entries[i]);
    }
    free(entries);
    if (count == 0) {
        (void)fprintf(stderr, "%s: no inputs\n", directory);
        return -1;
    }
    return result;
}

int main(int argc, char **argv)
{
    int total = 0;

    if (argc < 2) {
        (void)fprintf(stderr, "usage: %s DIRECTORY...\n", argv[0]);
        return 2;
    }
    for (int i = 1; i < argc; i++) {
        int count = run_directory(argv[i]);
        if (count < 0) {
            return 1;
        }
        total += count;
    }
    (void)printf("%d inputs\n", total);
    return 0;
}
