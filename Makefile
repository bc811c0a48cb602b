# SPDX-License-Identifier: GPL-2.0-or-later
# What a person types; what it means is in meson.build, tools/ and tests/.

# make BOOTSTRAP=: TARGET leaves the packages of the machine alone.
BOOTSTRAP ?= tools/bootstrap

.PHONY: all demo test lint lab mutants fuzz test-vm soak bench deb install clean

# Leaves build/hairpin and build/hairpind.
all:
	$(BOOTSTRAP) build
	tools/compile build

# The whole story in network namespaces, touching nothing of this machine but packages. Behind another router: make demo ACT=bypass
demo:
	$(BOOTSTRAP) build demo
	tools/compile build
	HAIRPIN_BIN=build dist/demo/demo.sh $(ACT)

# All suites; the last line counts them. LAB_SANITIZED=yes runs the lab a second time, under the sanitizers.
LAB_SANITIZED ?= no
test: export LAB_SANITIZED := $(LAB_SANITIZED)
test:
	$(BOOTSTRAP) build test deb
	tools/run-tests

lint:
	$(BOOTSTRAP) build lint
	tools/lint/run

# One lab test by name, or one cell of it: make lab T="segment open wan yes"
lab:
	@test -n "$(T)" || { echo 'say which: make lab T=forward_tcp; there are: $(filter-out lab,$(basename $(notdir $(wildcard tests/lab/*.sh))))'; exit 2; }
	$(BOOTSTRAP) build test
	tools/compile build
	tests/lab/$(firstword $(T)).sh build $(wordlist 2,9,$(T))

# Whether the tests would notice: each MUST violated in turn. Some of them: make mutants M="11 12"
mutants:
	$(BOOTSTRAP) build test
	tools/mutants $(M)

# The fuzz targets, FUZZ_SECONDS each. Some of them: make fuzz F=packet
fuzz:
	$(BOOTSTRAP) build fuzz
	tools/fuzz $(F)

# The programs, and the loopback and kill tests, on another kernel of Debian's, in a virtual machine: make test-vm KERNEL=6.12
KERNEL ?= 6.1
test-vm:
	$(BOOTSTRAP) build test vm
	tools/test-vm $(KERNEL)

# Ten minutes and more at full load; the results stand in doc/soak.md.
soak:
	$(BOOTSTRAP) build test
	tools/compile build
	tools/soak build

# What it costs, beside others, on this machine; the table goes to build/bench as well. Some minutes; less: make bench B=--quick
bench:
	$(BOOTSTRAP) build test
	tools/compile build
	tests/bench/dns.sh build $(B)
	tests/bench/forwards.sh build $(B)
	tests/bench/nat.py build $(B)
	tests/bench/scale.sh build $(B)

# The Debian package, into build-deb/first. Without its suites: make deb DEB_BUILD_OPTIONS=nocheck
deb:
	$(BOOTSTRAP) build deb
	tools/deb

install: all
	meson install -C build --no-rebuild

clean:
	rm -rf build build-*
