# Unit tests: tests/unit/NAME_test.c is one cmocka program. Fuzz targets:
# tests/fuzz/fuzz_NAME.c with its corpus in tests/fuzz/corpus/NAME/, replayed
# by `make check-unit` with any compiler, fuzzed with KIND=fuzz CC=clang.

ALL_ARCHIVES := $(foreach d,$(LIBS),$(B)/$(d).a)
ALL_LIBS := $(call uniq,$(foreach d,$(LIBS),$($(d).libs)))
UNIT := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/*_test.c))
FUZZ := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))

link_all = $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(filter %.o,$^) \
	-Wl,--start-group $(ALL_ARCHIVES) -Wl,--end-group $(ALL_LIBS)

$(B)/tests/unit/%_test: $(B)/tests/unit/%_test.o $(ALL_ARCHIVES)
	$(call say,LD,$@)
	$(Q)$(link_all) -lcmocka

ifeq ($(KIND),fuzz)
$(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(ALL_ARCHIVES)
	$(call say,LD,$@)
	$(Q)$(link_all) -fsanitize=fuzzer
else
$(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(B)/tests/fuzz/replay.o $(ALL_ARCHIVES)
	$(call say,LD,$@)
	$(Q)$(link_all)
endif
.SECONDARY:

.PHONY: unit check-unit
unit: $(UNIT) $(FUZZ)
check-unit: unit
	$(Q)rc=0; for t in $(UNIT); do $$t || rc=1; done; exit $$rc
