plugins/image.uses := lib/base lib/sys lib/format
plugins/image.libs := -lext2fs -lcom_err -ltsk -lnbd -lz
