labrouter.program := labrouter
labrouter.uses := lib/base lib/plugin lib/sys
