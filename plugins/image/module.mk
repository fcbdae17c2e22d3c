plugins/image.uses := lib/base lib/sys
plugins/image.libs := -lext2fs -lcom_err -ltsk -lnbd
