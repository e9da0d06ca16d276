"""What several tests share: the command line, a desk with an index beside it, example values, small real files."""
