"""Who may run when: I/O contexts, gates, actors, and the one waist everything is called through."""
