"""`differential mcp`: an assistant's way to the tickets, by the Model Context Protocol."""
