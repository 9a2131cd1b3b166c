"""Stage series: posts per local day and hour, and the news alongside them."""
