"""The life of Durable Object classes on disk: who has which data, and what becomes of the rest."""
