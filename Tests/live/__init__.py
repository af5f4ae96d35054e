# Programs that see `masque serve` from outside: start it, talk to it, hear its webhooks, look at its processes.
