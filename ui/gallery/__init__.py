"""Pictures of every widget in every state, for eyes. All people, numbers and photos are invented."""
