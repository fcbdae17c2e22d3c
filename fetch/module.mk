fetch.program := lget
fetch.uses := lib/base lib/sys lib/format lib/store lib/plugin
