"""How well the knowledge base is searched: entries, judged queries, and the peers that search the same."""
