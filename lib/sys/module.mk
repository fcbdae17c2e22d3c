lib/sys.uses := lib/base
