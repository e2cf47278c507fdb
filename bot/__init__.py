"""One turn of a conversation: read, choose, act, say."""
