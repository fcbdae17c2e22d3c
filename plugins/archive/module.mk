plugins/archive.uses := lib/base
plugins/archive.libs := -larchive
