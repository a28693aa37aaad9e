"""Shell. What feeds stores: databases beside the lake, whose trouble is theirs alone."""
