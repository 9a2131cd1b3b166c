"""Stage report: the page, the article and the summary of a study."""
