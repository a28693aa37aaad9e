"""Pure. One small declarative file per venue's feed."""
