"""What runs on the phone: numpy and the standard library only. The desktop tools measure with the same code."""
