lib/sys.uses := lib/base
lib/sys.libs := -lseccomp
