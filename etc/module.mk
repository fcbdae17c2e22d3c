# Installing. DESTDIR and PREFIX as usual; configuration lies in /etc, because
# the programs look there. An administrator's files are never overwritten.

PREFIX ?= /usr
SYSCONFDIR ?= /etc
BINDIR ?= $(PREFIX)/bin
MANDIR ?= $(PREFIX)/share/man
UNITDIR ?= $(PREFIX)/lib/systemd/system
INCLUDEDIR ?= $(PREFIX)/include
INSTALL ?= install
# Where a program looks, from where it lies.
PLUGINDIR = $(abspath $(BINDIR)/../lib/lookback/plugins)

COMPLETIONS := $(foreach p,$(NAMES),\
	bash-completion/completions/$(p)=$(p).bash \
	zsh/vendor-completions/_$(p)=_$(p) \
	fish/vendor_completions.d/$(p).fish=$(p).fish)
UNITS := $(notdir $(wildcard etc/systemd/*))
CRONS := $(notdir $(wildcard etc/cron.d/*))
CONFIGS := $(notdir $(wildcard etc/*.conf))
LABS := $(notdir $(wildcard etc/labs/*.lab))
PUBLIC := $(wildcard include/lookback/*.h)
D := $(DESTDIR)

# TO=FROM: units and cron lines name the programs by their full path.
at_bindir = sed 's,/usr/bin/,$(BINDIR)/,g'
# Configuration beside an administrator's changed file is NAME.sample.
keep = to='$(D)$(SYSCONFDIR)/$(2)'; \
	if [ -e "$$to" ] && ! $(3) $(1) | cmp -s - "$$to"; then \
	to="$$to.sample"; fi; \
	$(3) $(1) > "$$to" && chmod 644 "$$to"

.PHONY: install uninstall
install: all
	$(INSTALL) -d $(D)$(BINDIR) $(D)$(UNITDIR) $(D)$(SYSCONFDIR)/lookback/labs \
	    $(D)$(SYSCONFDIR)/cron.d $(D)$(PREFIX)/lib/sysusers.d \
	    $(D)$(PREFIX)/lib/tmpfiles.d $(D)$(PLUGINDIR) \
	    $(D)$(INCLUDEDIR)/lookback $(foreach n,1 5 8,$(D)$(MANDIR)/man$(n)) \
	    $(sort $(foreach c,$(COMPLETIONS),\
	    $(D)$(PREFIX)/share/$(dir $(firstword $(subst =, ,$(c))))))
	$(INSTALL) -m 755 $(NAMES:%=$(B)/bin/%) $(D)$(BINDIR)
	$(INSTALL) -m 644 $(PLUGINS:%=$(B)/%.so) $(D)$(PLUGINDIR)
	$(INSTALL) -m 644 $(PUBLIC) $(D)$(INCLUDEDIR)/lookback
	@$(foreach m,$(MANUALS),$(INSTALL) -m 644 $(m) \
	    $(D)$(MANDIR)/man$(subst .,,$(suffix $(m)))/ &&) true
	@$(foreach u,$(UNITS),$(at_bindir) etc/systemd/$(u) > $(D)$(UNITDIR)/$(u) && \
	    chmod 644 $(D)$(UNITDIR)/$(u) &&) true
	@$(foreach c,$(CONFIGS),$(call keep,etc/$(c),lookback/$(c),cat) &&) true
	@$(foreach c,$(CRONS),$(call keep,etc/cron.d/$(c),cron.d/$(c),$(at_bindir)) &&) true
	@$(foreach l,$(LABS),$(INSTALL) -m 644 etc/labs/$(l) \
	    $(D)$(SYSCONFDIR)/lookback/labs/$(l).sample &&) true
	$(INSTALL) -m 644 etc/sysusers.d/lookback.conf $(D)$(PREFIX)/lib/sysusers.d
	$(INSTALL) -m 644 etc/tmpfiles.d/lookback.conf $(D)$(PREFIX)/lib/tmpfiles.d
	@$(foreach c,$(COMPLETIONS),$(INSTALL) -m 644 \
	    etc/completions/$(lastword $(subst =, ,$(c))) \
	    $(D)$(PREFIX)/share/$(firstword $(subst =, ,$(c))) &&) true

# Leaves the configuration, the account and every store.
uninstall:
	rm -f $(NAMES:%=$(D)$(BINDIR)/%) \
	    $(PLUGINS:plugins/%=$(D)$(PLUGINDIR)/%.so) \
	    $(PUBLIC:include/%=$(D)$(INCLUDEDIR)/%) $(UNITS:%=$(D)$(UNITDIR)/%) \
	    $(CRONS:%=$(D)$(SYSCONFDIR)/cron.d/%) \
	    $(D)$(PREFIX)/lib/sysusers.d/lookback.conf \
	    $(D)$(PREFIX)/lib/tmpfiles.d/lookback.conf \
	    $(foreach m,$(MANUALS),$(D)$(MANDIR)/man$(subst .,,$(suffix $(m)))/$(notdir $(m))) \
	    $(foreach c,$(COMPLETIONS),$(D)$(PREFIX)/share/$(firstword $(subst =, ,$(c))))
#: make install         DESTDIR, PREFIX (/usr); make uninstall
