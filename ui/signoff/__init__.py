"""书记签批: the queue, the sheet, signing, returning, 批签 and 代签."""
