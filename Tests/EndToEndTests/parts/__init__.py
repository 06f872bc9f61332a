"""Independent parts that the programs under test meet: written from PROTOCOL.md, sharing no code with them."""
