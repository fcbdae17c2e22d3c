lib/plugin.uses := lib/base
