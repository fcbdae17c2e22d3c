# Compiler flags of each build kind. KIND=release (default), debug (default for
# tests), asan, tsan, fuzz. CFLAGS, CPPFLAGS and LDFLAGS of the caller are
# appended.

KIND ?= $(if $(filter unit check-% layers headers,$(MAKECMDGOALS)),debug,release)
ifeq ($(KIND)$(origin CC),fuzzdefault)
CC := clang
endif
CC_NAME := $(notdir $(firstword $(CC)))

WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wvla \
	-Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wformat=2
ifneq (,$(findstring gcc,$(CC_NAME))$(filter cc,$(CC_NAME)))
WARN += -Wlogical-op -Wduplicated-cond -Wduplicated-branches \
	-Wjump-misses-init
endif

STD := -std=gnu17 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -fvisibility=hidden \
	-fno-common -pthread

# -Werror is for us, never for those who package a release.
FLAGS.debug   := -O1 -g -Werror -fno-omit-frame-pointer
FLAGS.release := -O2 -g -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 \
	-fstack-protector-strong -fstack-clash-protection -fPIE
LINK.release  := -pie -Wl,-z,relro,-z,now
# Sanitizers' own code confuses gcc about what is initialized.
FLAGS.asan    := -O1 -g -fno-omit-frame-pointer -Werror -Wno-maybe-uninitialized \
	-fsanitize=address,undefined -fno-sanitize-recover=all
LINK.asan     := -fsanitize=address,undefined
FLAGS.tsan    := -O1 -g -fno-omit-frame-pointer -Werror -Wno-maybe-uninitialized \
	-fsanitize=thread
LINK.tsan     := -fsanitize=thread
FLAGS.fuzz    := -O1 -g -fno-omit-frame-pointer \
	-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all
LINK.fuzz     := -fsanitize=address,undefined

ifeq (,$(FLAGS.$(KIND)))
$(error KIND=$(KIND): one of release debug asan tsan fuzz)
endif

ALL_CFLAGS  := $(STD) $(WARN) $(FLAGS.$(KIND)) $(CFLAGS)
ALL_LDFLAGS := -pthread -Wl,--as-needed $(LINK.$(KIND)) $(LDFLAGS)
