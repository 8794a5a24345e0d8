"""The whole township in one thread under virtual time: real seats, real platform, everything else bad."""
