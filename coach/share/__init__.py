"""The failure share: a short story of an own failure told to others, without what is nobody's business."""
