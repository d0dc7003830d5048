"""Android export: the folder that buildozer gets, what is wrong with it, and what it becomes. Desktop only."""
