package backup

// syncDir: NTFS journals names, and folders cannot be synced.
func syncDir(string) error { return nil }
