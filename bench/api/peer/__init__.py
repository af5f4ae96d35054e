# A job API as one would write it with FastAPI and SQLite: the peer that bench/api compares with.
