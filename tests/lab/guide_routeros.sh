#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# doc/guide/routeros.md, every block of it. What is pasted into a MikroTik cannot be run here: the page has to show what is printed, octet for octet.
. "$(dirname "$0")/lab.sh"
. "$LAB_SRC/lib/pages.sh"

lab_up bridge
page_open doc/guide/routeros.md
page_file $CONF
page_run lan1
page_pasted
page_file $CONF
page_run lan1
page_pasted
page_end
