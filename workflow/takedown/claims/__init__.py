"""Stage claims: what others published of a campaign, computed again and given a verdict."""
