"""Speed, side by side: text in, labels out, ours and what one would use instead, in turns in one run."""
