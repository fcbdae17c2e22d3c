indexer.program := lindex
indexer.uses := lib/base lib/sys lib/format lib/store lib/remote lib/plugin
