"""What cleaning, downloading and whole studies cost, measured side by side."""
