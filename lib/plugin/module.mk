lib/plugin.uses := lib/base lib/sys
lib/plugin.libs :=
