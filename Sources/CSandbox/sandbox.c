// Limits a process sets on itself before it touches media.
