#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A reload that changes nothing of the plan makes no new generation, and says so.
. "$(dirname "$0")/lab.sh"

lab_up bridge
hairpin_up < <(standard_services)
before=$(generation)
echo "# a comment" >>$CONF
hp reload | grep -i 'nothing changed'
assert_eq "$(generation)" "$before" "generation"
