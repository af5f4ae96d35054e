// Placeholder, replaced by the first real file.
internal import GRDB
