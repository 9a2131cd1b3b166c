"""Stage series: posts per local day and hour, and the news beside them."""
