// Placeholder, replaced by the first real file.
internal import Hummingbird
internal import Yams
