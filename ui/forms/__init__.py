"""What the seat's pages share: the page itself, lists of cards, drafts that keep themselves, phrases."""
