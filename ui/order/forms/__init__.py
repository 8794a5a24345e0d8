"""The inline forms of the steps, one per step; ``book`` says which act opens which."""
