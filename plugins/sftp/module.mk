plugins/sftp.uses := lib/base lib/remote lib/sys lib/format
