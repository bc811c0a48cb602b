/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What load is told, as KEY=VALUE. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

#include "load.h"

struct load_device {
	const char *ns; /* below /run/netns */
	const char *name;
};

struct load_options {
	struct load_device from, to; /* the client's, the server's */
	struct load_plan plan; /* without what is only known in the namespaces */
	__u64 frames; /* at least so many, */
	double seconds; /* and at least for so long; one of both may be 0 */
	__u64 warm; /* flows that are made before it is measured; all unless it was said */
	__u64 step; /* so many of them at a time; 0: all at once */
	bool answered; /* they are answered and ask again */
	__u64 rate; /* frames a second; 0: as fast as it goes */
	bool answers; /* as many frames back */
	bool programs; /* what hairpin's programs took of it */
	unsigned int cpu;
};

/* Reads @arguments, which end with NULL, into @ret. Ends the process with a word on what is wrong. */
void load_options_read(char **arguments, struct load_options *ret);
/* "NS/DEVICE", of which it keeps the parts: @text is changed. */
void load_device_read(char *text, struct load_device *ret);
