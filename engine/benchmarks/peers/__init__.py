"""What ours is measured against; every peer follows docs/assumptions.md and is held to it by equality."""
