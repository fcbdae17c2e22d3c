plugins/lab-null.uses :=
