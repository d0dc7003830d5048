"""What learning from one person's labels brings: speakers of a dataset of dialogues as the users of the app."""
