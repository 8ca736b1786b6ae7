"""The steps from each version's tables to the next; `hotline.kernel.migrate` runs them."""
