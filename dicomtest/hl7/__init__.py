"""HL7 version 2 as far as an order needs it: messages, MLLP, acknowledgements in words."""
