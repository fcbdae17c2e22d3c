plugins/locatedb.uses := lib/base lib/sys lib/format
