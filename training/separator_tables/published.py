"""What Pandelea et al. 2021 report on MELD, as far as others quote it: second-hand, and to be checked in the paper."""

NOTE = "second-hand: quoted by others, not read in the paper"
# Weighted F1 on MELD test of a frozen backbone and a linear layer, by the name of the backbone; the quotations do not
# say in which of the paper's tables it stands. Every other cell of the tables is unknown, and stays empty.
LINEAR_MELD = {"BERT-Tiny": 0.507, "BERT-Medium": 0.566, "MobileBERT": 0.531}
FINE_TUNED_MELD = {"BERT-Tiny": 0.574, "BERT-Medium": 0.591, "MobileBERT": 0.609}
