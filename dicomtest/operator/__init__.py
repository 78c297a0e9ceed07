"""The person at the system under test: asked in the terminal and on a local web page.

Both are views of one desk (`dicomtest.awaiting.desk`); whoever answers first is heard. What is
said goes to an append-only journal in the folder of the run, from which it can be replayed.
"""
