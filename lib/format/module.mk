lib/format.uses := lib/base
lib/format.libs := -lzstd -lxxhash
