plugins/fs.uses := lib/base lib/sys
