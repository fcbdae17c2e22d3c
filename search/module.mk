search.program := lsearch
search.uses := lib/base lib/sys lib/format lib/store
