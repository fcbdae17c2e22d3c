lib/remote.uses := lib/base lib/sys lib/format
lib/remote.libs := -lssh
