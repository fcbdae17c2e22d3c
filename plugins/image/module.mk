plugins/image.uses := lib/base lib/sys
plugins/image.libs := -lnbd
