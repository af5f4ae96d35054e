# A strict in-memory imitation of the API, for work on the studio without the Swift server; it swaps no faces.
