"""One reader for each kind of document: text in, `Use` values out. Pure; what can't be read tells nothing."""
