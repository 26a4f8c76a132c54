"""The stack on one machine: an AWS emulator, event source mappings, a stand-in for Claude, and the demo."""
