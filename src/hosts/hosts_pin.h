/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The gateway that this machine's block comes from: its address and its public key, as `hairpin hosts apply --from` saw them first. A file of a few lines, which root alone writes. */
#pragma once

#include "addr.h"
#include "hosts_key.h"
#include "strbuf.h"

/* In the folder of state. */
#define HOSTS_PIN_FILE "hosts-gateway"

struct hosts_pin {
	struct ip_addr gateway;
	__u8 key[HOSTS_KEY_BYTES];
};

/* 0; -EINVAL with the line at fault in *ret_line (0: one is missing). */
int hosts_pin_parse(const char *text, struct hosts_pin *ret_pin, unsigned int *ret_line);
void hosts_pin_print(const struct hosts_pin *pin, struct strbuf *out);

/* 0; -ENOENT: there is none; or -errno with one line in @why. */
int hosts_pin_read(const char *path, struct hosts_pin *ret_pin, struct strbuf *why);
/* 0; or -errno with one line in @why, and the one before is as it was. Its folder is made. */
int hosts_pin_write(const char *path, const struct hosts_pin *pin, struct strbuf *why);
