lib/store.uses := lib/base lib/sys lib/format
lib/store.libs := -lsqlite3
