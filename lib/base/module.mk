lib/base.uses :=
