/* SPDX-License-Identifier: MIT */
/* Walks a gateway's folder and puts its .lua files into a bundle, with every fault of the tree:
 * links that lead out of it or in a circle, what is no regular file, names, sizes, numbers.
 * Lives in: every process that loads or checks gateways. Holds nothing after the call. */
#ifndef TG_DEPLOY_TREE_H
#define TG_DEPLOY_TREE_H

#include <stdbool.h>

#include "core/bundle.h"
#include "core/fault.h"

enum { TG_TREE_ENTRIES_MAX = 16384 /* of one tree, what is no Lua included: bounds the walk */ };

/* Whether a file of that name is read. */
bool tg_tree_is_lua(const char *name);

/* Adds the files below path to the bundle, which has its origin and no files yet, spec/ left out,
 * and the faults to the list. 0, or what the first fault is (deploy/folder.h lists them). */
int tg_tree_read(const char *path, struct tg_bundle *bundle, struct tg_fault_list *faults);

#endif
