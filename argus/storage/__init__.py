"""Shell. From persistent agora paths to chunks and from chunks to the lake."""
