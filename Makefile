# Lookback: plain GNU make, one process, a fragment (module.mk) a folder.
# `make help` says what there is.

include flags.mk

# Floors, lowest first: a folder may use only folders of a lower floor.
FLOOR.0 := lib/base
FLOOR.1 := lib/sys lib/format
FLOOR.2 := lib/store lib/remote
FLOOR.3 := lib/plugin
FLOOR.4 := $(patsubst %/,%,$(dir $(wildcard \
	indexer/main.c search/main.c fetch/main.c labrouter/main.c plugins/*/module.mk)))
LIBS := $(FLOOR.0) $(FLOOR.1) $(FLOOR.2) $(FLOOR.3)
PLUGINS := $(filter plugins/%,$(FLOOR.4))
TOOLS := $(filter-out $(PLUGINS),$(FLOOR.4))
FOLDERS := $(LIBS) $(TOOLS) $(PLUGINS)
include $(FOLDERS:%=%/module.mk)

# A folder's libraries below it, the folder itself first.
closure = $(1) $(foreach u,$($(1).uses),$(call closure,$(u)))
uniq = $(if $1,$(call uniq,$(filter-out $(lastword $1),$1)) $(lastword $1))

floor_of = $(strip $(foreach f,0 1 2 3 4,$(if $(filter $(1),$(FLOOR.$(f))),$(f))))
$(foreach d,$(FOLDERS),$(foreach u,$($(d).uses),\
	$(if $(shell [ "$(call floor_of,$(u))" -lt "$(call floor_of,$(d))" ] || echo bad),\
	$(error $(d) uses $(u), not below it))))

, := ,
B := build/$(KIND)-$(CC_NAME)
Q := $(if $(V),,@)
quiet = $(V)$(findstring s,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
say = $(if $(quiet),,@printf '  %-5s %s\n' $(1) $(2))

srcs = $(sort $(wildcard $(1)/*.c))
objs = $(patsubst %.c,$(B)/%.o,$(call srcs,$(1)))
archives = $(foreach d,$(call uniq,$(1)),$(B)/$(d).a)
# The same for shared objects: position-independent, in a tree of their own.
pic_objs = $(patsubst %.c,$(B)/pic/%.o,$(call srcs,$(1)))
pic_archives = $(foreach d,$(call uniq,$(1)),$(B)/pic/$(d).a)
libs_of = $(call uniq,$(foreach d,$(call closure,$(1)),$($(d).libs)))
# the libraries of a folder, in link order
deps_of = $(call uniq,$(filter-out $(FLOOR.4),$(call closure,$(1))))

NAMES := $(foreach t,$(TOOLS),$($(t).program))
# The default build's programs also stand in build/bin, for people and demos.
PROGRAMS := $(NAMES:%=$(B)/bin/%) \
	$(if $(filter release,$(KIND)),$(NAMES:%=build/bin/%))
# Programs find them beside their own folder: build/plugins for build/bin.
SHARED := $(PLUGINS:%=$(B)/%.so) \
	$(if $(filter release,$(KIND)),$(PLUGINS:%=build/%.so))

.PHONY: all clean help FORCE
all: $(PROGRAMS) $(SHARED)

# Rewritten only when what it says changes: other flags compile everything
# again, and a source that is gone leaves its archive.
$(B)/flags: export NOW = $(CC) $(ALL_CFLAGS) $(CPPFLAGS) $(ALL_LDFLAGS)
$(B)/sources: export NOW = $(foreach d,$(FOLDERS),$(call srcs,$(d)))
$(B)/flags $(B)/sources: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' "$$NOW" | cmp -s - $@ || printf '%s\n' "$$NOW" > $@

OURS = -iquote lib -iquote .
COMPILE = $(CC) $(ALL_CFLAGS) $(CPPFLAGS) $(OURS) -Iinclude
$(B)/%.o: %.c $(B)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<
$(B)/pic/%.o: %.c $(B)/flags
	$(call say,PIC,$<)
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -fPIC -MMD -MP -c -o $@ $<

# A tool's archive, all but its main, is for tests.
define lib_rule
$(2)/$(1).a: $(filter-out %/main.o,$(call $(3),$(1))) $(B)/sources
	$$(call say,AR,$$@)
	@mkdir -p $$(@D)
	$(Q)rm -f $$@ && ar rcs $$@ $$(filter %.o,$$^)
endef
$(foreach d,$(LIBS) $(TOOLS),$(eval $(call lib_rule,$(d),$(B),objs)))
$(foreach d,$(LIBS),$(eval $(call lib_rule,$(d),$(B)/pic,pic_objs)))

# What is linked takes its place at once: a test that runs meanwhile finds the
# one before, and never none or half of one.
LINKED = && mv $@.new $@

define tool_rule
$(B)/bin/$($(1).program): $(call objs,$(1)) $(call archives,$(call deps_of,$(1))) \
    $(B)/sources
	$$(call say,LD,$$@)
	@mkdir -p $$(@D)
	$(Q)$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $$@.new $(call objs,$(1)) \
	    -Wl,--start-group $(call archives,$(call deps_of,$(1))) -Wl,--end-group \
	    $(call libs_of,$(1)) $$(LINKED)
endef
$(foreach t,$(TOOLS),$(eval $(call tool_rule,$(t))))

# A plugin exports what its source says, and nothing of our libraries. What a
# sanitizer needs comes with the program.
SHARE = $(CC) $(ALL_CFLAGS) $(filter-out -pie,$(ALL_LDFLAGS)) -fPIC -shared \
	-Wl,--exclude-libs,ALL
whole := $(if $(filter debug release,$(KIND)),-Wl$(,)-z$(,)defs)
define plugin_rule
$(B)/$(1).so: $(call pic_objs,$(1)) $(call pic_archives,$(call deps_of,$(1))) \
    $(B)/sources
	$$(call say,SO,$$@)
	@mkdir -p $$(@D)
	$(Q)$(SHARE) $(whole) -o $$@.new $(call pic_objs,$(1)) \
	    -Wl,--start-group $(call pic_archives,$(call deps_of,$(1))) \
	    -Wl,--end-group $(call libs_of,$(1)) $$(LINKED)
endef
$(foreach p,$(PLUGINS),$(eval $(call plugin_rule,$(p))))

COPY = @mkdir -p $(@D) && cp $< $@.tmp && mv $@.tmp $@
build/bin/%: $(B)/bin/%
	$(COPY)
build/plugins/%: $(B)/plugins/%
	$(COPY)

include tests/module.mk
include etc/module.mk

clean:
	rm -rf build

help:
	@sed -n 's/^#: //p' $(MAKEFILE_LIST)
#: make                 the hardened release in build/bin
#: make KIND=debug      with -Werror, in build/debug-cc; also asan tsan fuzz
#: make clean           removes build
#: make V=1             shows the commands; CC, CFLAGS, CPPFLAGS, LDFLAGS count

-include $(shell [ -d $(B) ] && find $(B) -name '*.d')
