labrouter.program := labrouter
labrouter.uses := lib/base lib/sys
