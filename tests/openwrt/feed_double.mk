# SPDX-License-Identifier: GPL-2.0-or-later
# A double of the rules of OpenWrt's build, no more than the package's Makefile uses: run.sh puts it in the place of rules.mk. It proves that the Makefile is one, and that the files it installs are there.
INCLUDE_DIR := $(TOPDIR)
STAGING_DIR := /staging
TOOLCHAIN_DIR := /toolchain
CLANG := /llvm/clang
BPF_DEPENDS := +bpf
INSTALL_DIR := install -d
INSTALL_BIN := install -m 0755
INSTALL_CONF := install -m 0600
INSTALL_DATA := install -m 0644
PKG_BUILD_DIR := $(TOPDIR)/source
PKG_INSTALL_DIR := $(TOPDIR)/built

define BuildPackage
.PHONY: $(1)
$(1):
	$$(call Build/Prepare)
	$$(call Package/$(1)/install,$$(TOPDIR)/root/$(1))
endef

.PHONY: arguments version
arguments:
	@echo '$(MESON_ARGS)'
version:
	@echo '$(PKG_VERSION)'
