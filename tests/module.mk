# Tests. One program each: tests/unit/NAME_test.c (cmocka, one module),
# tests/oracle/NAME_test.c (cmocka, against brute force), tests/fault/NAME_test.c
# (cmocka, with calls that fail: a line like "/* wrap: malloc write */" in the
# source names the functions that it replaces by __wrap_malloc ...),
# tests/fuzz/fuzz_NAME.c with its corpus in tests/fuzz/corpus/NAME/ (replayed
# with any compiler, fuzzed with KIND=fuzz), tests/tools/NAME.c and
# tests/bench/NAME.c (helpers of scripts). All may use tests/support/*.c.

ALL_ARCHIVES := $(foreach d,$(TOOLS) $(LIBS),$(B)/$(d).a)
ALL_LIBS := $(call uniq,$(foreach d,$(LIBS),$($(d).libs)))
SUPPORT := $(call objs,tests/support)
programs = $(patsubst %.c,$(B)/%,$(sort $(wildcard $(1))))
UNIT := $(call programs,tests/unit/*_test.c)
ORACLE := $(call programs,tests/oracle/*_test.c)
FAULT := $(call programs,tests/fault/*_test.c)
FUZZ := $(call programs,tests/fuzz/fuzz_*.c)
HELPERS := $(call programs,tests/tools/*.c tests/bench/*.c)

link_all = $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) \
	-Wl,--start-group $(ALL_ARCHIVES) -Wl,--end-group $(ALL_LIBS)

$(UNIT) $(ORACLE) $(HELPERS): $(B)/%: $(B)/%.o $(SUPPORT) $(ALL_ARCHIVES)
	$(call say,LD,$@)
	$(Q)$(link_all) -lcmocka

wraps = $(shell sed -n 's,^/\* wrap: \(.*\) \*/$$,\1,p' $(1))
$(FAULT): $(B)/%: $(B)/%.o $(SUPPORT) $(ALL_ARCHIVES)
	$(call say,LD,$@)
	$(Q)$(link_all) -lcmocka $(addprefix -Wl$(,)--wrap=,$(call wraps,$*.c))
, := ,

$(FUZZ): $(B)/%: $(B)/%.o $(SUPPORT) $(ALL_ARCHIVES) \
    $(if $(filter fuzz,$(KIND)),,$(B)/tests/fuzz/replay.o)
	$(call say,LD,$@)
	$(Q)$(link_all) $(if $(filter fuzz,$(KIND)),-fsanitize=fuzzer)
.SECONDARY:

.PHONY: unit check-unit check-floors layers headers doors
unit: all $(UNIT) $(ORACLE) $(FAULT) $(FUZZ) $(HELPERS)
check-unit: unit
	$(Q)rc=0; for t in $(UNIT); do $$t || rc=1; done; exit $$rc

# The floors as the compiler saw them: no object has seen a header of a folder
# outside its folder's closure.
check-floors: layers headers doors
layers: $(foreach d,$(LIBS) $(TOOLS),$(call objs,$(d)))
	$(Q)rc=0; $(foreach d,$(LIBS) $(TOOLS),\
	tests/lint/layers $(B) $(call uniq,$(call closure,$(d))) || rc=1;) exit $$rc

# Each header compiles alone.
HEADERS := $(sort $(wildcard lib/*/*.h include/lookback/*.h indexer/*.h search/*.h \
	tests/support/*.h))
headers: $(HEADERS:%=$(B)/alone/%)
$(B)/alone/%.h: %.h $(B)/flags
	@mkdir -p $(@D)
	$(Q)$(COMPILE) -MD -MP -MF $@.d -MT $@ -fsyntax-only -include $< -x c /dev/null
	@touch $@

# One door per dependency.
doors:
	$(Q)tests/lint/doors
#: make unit            the test programs, in build/debug-cc/tests
#: make check-unit      runs the unit tests; KIND=asan check-unit with sanitizers
#: make check-floors    layers, headers, doors: who may include what
