# Tests. One program each: tests/unit/NAME_test.c (cmocka, one module),
# tests/oracle/NAME_test.c (cmocka, against brute force), tests/fault/NAME_test.c
# (cmocka, with calls that fail), tests/fuzz/fuzz_NAME.c with its corpus in
# tests/fuzz/corpus/NAME/ (replayed with any compiler, fuzzed with KIND=fuzz),
# tests/tools/NAME.c and tests/bench/NAME.c (helpers of scripts). All may use
# tests/support/*.c. A line like "/* wrap: malloc write */" in a fault test or a fuzz
# target names the functions that it replaces by __wrap_malloc ...
# tests/plugins/NAME.c is a plugin NAME.so, good or bad, where unit tests find it.

ALL_ARCHIVES := $(foreach d,$(TOOLS) $(LIBS),$(B)/$(d).a)
ALL_LIBS := $(call uniq,$(foreach d,$(LIBS),$($(d).libs)))
SUPPORT := $(call objs,tests/support)
programs = $(patsubst %.c,$(B)/%,$(sort $(wildcard $(1))))
UNIT := $(call programs,tests/unit/*_test.c)
ORACLE := $(call programs,tests/oracle/*_test.c)
FAULT := $(call programs,tests/fault/*_test.c)
FUZZ := $(call programs,tests/fuzz/fuzz_*.c)
HELPERS := $(call programs,tests/tools/*.c tests/bench/*.c)

TEST_PLUGINS := $(patsubst %.c,$(B)/%.so,$(sort $(wildcard tests/plugins/*.c)))
$(TEST_PLUGINS): $(B)/%.so: $(B)/pic/%.o
	$(call say,SO,$@)
	@mkdir -p $(@D)
	$(Q)$(SHARE) -o $@.new $< $(LINKED)
$(B)/tests/unit/plugin_test $(B)/tests/unit/source_test: | $(TEST_PLUGINS) $(PLUGINS:%=$(B)/%.so)

# The tool finds plugins as a program in bin does: in the folder beside its own.
LINKED_PLUGINS := $(PLUGINS:%=$(B)/tests/%.so)
$(LINKED_PLUGINS): $(B)/tests/%.so: | $(B)/%.so
	@mkdir -p $(@D)
	$(Q)ln -sf $(CURDIR)/$(B)/$*.so $@
$(B)/tests/tools/source $(B)/tests/fuzz/fuzz_archive: | $(LINKED_PLUGINS)

# Tests of a plugin's parts link those, all but what makes a plugin of them.
LOCATEDB := $(filter-out %/locatedb.o,$(call objs,plugins/locatedb))
$(B)/tests/unit/locatedb_test $(B)/tests/fuzz/fuzz_mlocatedb \
    $(B)/tests/fuzz/fuzz_plocatedb: $(LOCATEDB)

$(B)/tests/unit/lzo_test: $(B)/plugins/image/lzo.o

IMAGE := $(filter-out %/image.o,$(call objs,plugins/image))
$(B)/tests/fuzz/fuzz_image: $(IMAGE)
$(B)/tests/fuzz/fuzz_image: PLUGIN_LIBS := $(plugins/image.libs)

link_all = $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@.new $(filter %.o,$^) \
	-Wl,--start-group $(ALL_ARCHIVES) -Wl,--end-group $(ALL_LIBS) \
	$(PLUGIN_LIBS)

$(UNIT) $(ORACLE) $(HELPERS): $(B)/%: $(B)/%.o $(SUPPORT) $(ALL_ARCHIVES)
	$(call say,LD,$@)
	$(Q)$(link_all) -lcmocka $(LINKED)

wraps = $(shell sed -n 's,^/\* wrap: \(.*\) \*/$$,\1,p' $(1))
$(FAULT): $(B)/%: $(B)/%.o $(SUPPORT) $(ALL_ARCHIVES)
	$(call say,LD,$@)
	$(Q)$(link_all) -lcmocka $(addprefix -Wl$(,)--wrap=,$(call wraps,$*.c)) $(LINKED)

$(FUZZ): $(B)/%: $(B)/%.o $(SUPPORT) $(ALL_ARCHIVES) \
    $(if $(filter fuzz,$(KIND)),,$(B)/tests/fuzz/replay.o)
	$(call say,LD,$@)
	$(Q)$(link_all) $(addprefix -Wl$(,)--wrap=,$(call wraps,$*.c)) \
	    $(if $(filter fuzz,$(KIND)),-fsanitize=fuzzer) $(LINKED)
.SECONDARY:

.PHONY: check deps list unit check-unit check-floors layers headers doors
check:
	@MAKE="$(MAKE)$(if $(filter-out default file,$(origin CC)), CC=$(CC))" tests/check
deps:
	@tests/deps build demo test
#: make check           everything: installs what it needs, builds, tests, counts
#: make deps            installs the packages of packages.txt that are missing
# What the thread sanitizer looks at in make check.
THREADED := $(filter %/walk_test %/readers_test $(B)/tests/unit/push_%,$(UNIT))
.PHONY: threaded
threaded: $(THREADED)
unit: all $(UNIT) $(ORACLE) $(FAULT) $(FUZZ) $(HELPERS)
check-unit: unit
	$(Q)rc=0; for t in $(UNIT); do $$t || rc=1; done; exit $$rc

# The floors as the compiler saw them: no object has seen a header of a folder
# outside its folder's closure.
check-floors: layers headers doors
layers: $(foreach d,$(LIBS) $(TOOLS),$(call objs,$(d))) \
    $(foreach d,$(PLUGINS),$(call pic_objs,$(d)))
	$(Q)rc=0; $(foreach d,$(FOLDERS),\
	tests/lint/layers $(B)$(if $(filter $(d),$(PLUGINS)),/pic) \
	    $(call uniq,$(call closure,$(d))) || rc=1;) exit $$rc

# Each header compiles alone, and a public one sees nothing of ours.
$(B)/alone/include/%: OURS :=
HEADERS := $(sort $(wildcard lib/*/*.h include/lookback/*.h indexer/*.h search/*.h \
	fetch/*.h labrouter/*.h plugins/*/*.h tests/support/*.h))
headers: $(HEADERS:%=$(B)/alone/%)
$(B)/alone/%.h: %.h $(B)/flags
	@mkdir -p $(@D)
	$(Q)echo 'extern int alone;' | $(COMPILE) -MD -MP -MF $@.d -MT $@ \
	    -fsyntax-only -include $< -x c -
	@touch $@

# One door per dependency.
doors:
	$(Q)tests/lint/doors

# What tests/run runs of this build kind: NAME<tab>COMMAND.
SCRIPTS := $(sort $(wildcard tests/cli/[0-9]*.sh))
ENV := env BIN=$(CURDIR)/$(B)/bin HELPERS=$(CURDIR)/$(B)/tests/tools \
	UBSAN_OPTIONS=print_stacktrace=1
ifeq ($(KIND),tsan)
LISTED := $(THREADED)
else
LISTED := $(ORACLE) $(FAULT) $(UNIT)
endif
list:
ifneq ($(KIND),tsan)
	@$(foreach t,$(SCRIPTS),printf '%s\t%s\n' \
	    '$(KIND) $(t:tests/%.sh=%)' '$(ENV) bash $(t)';)
	@$(foreach t,$(FUZZ),printf '%s\t%s\n' '$(KIND) $(t:$(B)/tests/%=%)' \
	    '$(ENV) $(t) $(t:$(B)/tests/fuzz/fuzz_%=tests/fuzz/corpus/%)';)
endif
	@$(foreach t,$(LISTED),printf '%s\t%s\n' \
	    '$(KIND) $(t:$(B)/tests/%=%)' '$(ENV) $(t)';)

# Fuzz each target for a while: KIND=fuzz make fuzz FUZZ_TIME=60
FUZZ_TIME ?= 10
fuzz: $(FUZZ)
	$(Q)$(foreach t,$(FUZZ),mkdir -p $(B)/corpus-$(notdir $(t)) && \
	    $(t) -max_total_time=$(FUZZ_TIME) -artifact_prefix=$(B)/ \
	    $(B)/corpus-$(notdir $(t)) \
	    $(t:$(B)/tests/fuzz/fuzz_%=tests/fuzz/corpus/%) &&) true
.PHONY: fuzz

# The whole way once, on real input.
.PHONY: demo
demo:
	@tests/deps build demo
	@+$(MAKE) -s --no-print-directory all
	@demo/demo.sh
#: make demo            the whole way once: two hosts, a server, a search

# A real guest in a lab: a kernel of its own, on a tap.
.PHONY: check-vm
check-vm:
	@tests/deps build test vm
	@+$(MAKE) -s --no-print-directory KIND=debug unit
	@deb=$$(tests/vm/kernel build/vm) && printf '%s\t%s\n' vm/guest "env \
	    BIN=$(CURDIR)/build/debug-cc/bin KERNEL_DEB=$(CURDIR)/$$deb \
	    bash tests/vm/guest.sh" | tests/run
#: make check-vm        a QEMU guest, restored into a lab; takes its emulator

# Figures against the peers' own; CORPUS is what tests/bench/corpus.sh makes.
.PHONY: bench
bench: all $(HELPERS)
	@tests/deps build bench
	@BIN=$(CURDIR)/$(B)/bin tests/bench/run.sh $(BENCH)
#: make bench CORPUS=D  figures; BENCH="scan cold store ... lab"

# ---- lint ----

C_FILES := $(sort $(wildcard lib/*/*.c indexer/*.c search/*.c fetch/*.c \
	labrouter/*.c 	plugins/*/*.c tests/*/*.c))
H_FILES := $(HEADERS) $(wildcard tests/plugins/*.h)
TIDY := $(filter-out tests/%,$(C_FILES))
.PHONY: lint lint-format lint-tidy lint-cppcheck lint-shell lint-man format
lint: lint-format lint-tidy lint-cppcheck lint-shell lint-man
lint-format:
	$(Q)clang-format --dry-run -Werror $(C_FILES) $(H_FILES)
format:
	$(Q)clang-format -i $(C_FILES) $(H_FILES)
lint-tidy: $(TIDY:%=build/tidy/%)
build/tidy/%.c: %.c .clang-tidy
	$(call say,TIDY,$<)
	@mkdir -p $(@D)
	$(Q)clang-tidy --quiet $< -- $(STD) -Ilib -I. -Iinclude 2> $@.log || \
	    { cat $@.log >&2; exit 1; }
	@touch $@
lint-cppcheck:
	$(Q)cppcheck -q --error-exitcode=1 --inline-suppr --std=c11 -D_GNU_SOURCE \
	    --enable=warning,portability --suppressions-list=tests/lint/cppcheck.suppress \
	    -Ilib -I. -Iinclude $(TIDY)
lint-shell:
	$(Q)shellcheck $(wildcard tests/cli/*.sh tests/vm/*.sh demo/*.sh tests/bench/*.sh) \
	    tests/lint/layers tests/lint/doors tests/vm/kernel tests/run tests/check tests/deps .ci/run
lint-man:
	$(Q)$(if $(MANUALS),mandoc -Tlint -Wwarning $(MANUALS))
MANUALS := $(sort $(wildcard man/*.[158]))
#: make lint            format, tidy, cppcheck, shell, man (lint-NAME for one)
#: make format          writes what lint-format asks for
#: make fuzz KIND=fuzz  fuzzes each target FUZZ_TIME=10 seconds
#: make unit            the test programs, in build/debug-cc/tests
#: make check-unit      runs the unit tests; KIND=asan check-unit with sanitizers
#: make check-floors    layers, headers, doors: who may include what
