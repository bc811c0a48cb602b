/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where one test of the bpf backend plays: network and mount namespaces of its own, with a BPF file system, a state
 * directory, and these devices:
 *
 *     br-lan (bridge, 192.168.11.1/24)      wan (198.51.100.2/24) ── inet (the other end of the cable)
 *     lan2   (192.168.12.1/24)              br-other (a bridge that is not ours)
 */
#pragma once

#include "backend.h"

#define PLACE_PINS "/sys/fs/bpf/hairpin"
#define PLACE_STATE "/run/hairpin-test"
#define PLACE_SESSIONS 512
#define PLACE_GENERATION 7

struct place {
	struct backend_options options;
	struct backend *backend; /* open, or NULL */
	struct strbuf why; /* of the last call that takes one */
	/* A plan with one forward: 8443/tcp to 192.168.11.20:443. Tests change it as they like. */
	struct plan plan;
	struct plan_device devices[3];
	struct plan_rule rules[2];
	struct plan_prefix prefixes[2];
	struct plan_service service;
	struct plan_forward forward;
	struct ip_addr wan_addr;
};

/* cmocka fixtures; *state is a struct place. */
int place_setup(void **state);
int place_teardown(void **state);

/* Runs a shell command; a test fails if it fails. */
void place_run(const char *format, ...) _printf_(1, 2);
/* Whether it succeeds. */
bool place_try(const char *format, ...) _printf_(1, 2);
/* Whether its output holds @text. */
bool place_prints(const char *text, const char *format, ...) _printf_(2, 3);
/* First line of the file, without newline; in a buffer that the next call overwrites. */
const char *place_read(const char *path);

void place_open(struct place *place);
void place_close(struct place *place);
void place_apply(struct place *place);
void place_detach(struct place *place);

/* A descriptor of a pinned map, closed by the caller. */
int place_map(const char *name);
